#!/bin/sh
# Installs what `make` built, as the table hier says: install.sh BUILD DESTDIR PROGRAM… -- PAGE…
#
# With an empty DESTDIR the users and groups of conf-files/user-* are created if they are
# missing. Settings that are there already are left as they are. It may be run again at any
# time, also under a live server: every program is replaced by one rename.
set -eu
umask 022
cd "$(dirname "$0")"
build=$1 dest=$2
shift 2
root=no
[ "$(id -u)" != 0 ] || root=yes

setting()
{
	read -r value <"conf-files/$1"
	echo "$value"
}

# A user of ours, with a group of the same name, no password, no shell.
add_user()
{
	! grep -q "^$1:" /etc/passwd || return 0
	if grep -q "^$1:" /etc/group; then
		set -- "$1" "$2" --gid "$1"
	else
		set -- "$1" "$2" --user-group
	fi
	name=$1 home=$2
	shift 2
	useradd --system --no-create-home --home-dir "$home" --shell /usr/sbin/nologin "$@" "$name"
	echo "install: made the user $name"
}

# own OWNER GROUP MODE FILE…: chown first, since it takes the setuid bit away.
own()
{
	owner=$1:$2 mode=$3
	shift 3
	if [ $root = yes ] && ! chown -h "$owner" "$@" 2>/dev/null; then
		[ -n "$dest" ] || { echo "install: cannot give $1 to $owner" >&2; exit 1; }
		echo "install: no $owner here: whoever unpacks $dest must give it $1"
	fi
	chmod "$mode" "$@"
}

if [ -z "$dest" ]; then
	[ $root = yes ] || { echo "install: only root can install; or say DESTDIR=…" >&2; exit 1; }
	for file in conf-files/user-*; do
		case $file in
		*/user-alias) add_user "$(setting user-alias)" "$(setting home-alias)" ;;
		*) add_user "$(setting "${file#conf-files/}")" /nonexistent ;;
		esac
	done
fi

# hier with its comments cut off and @names replaced, longer names before their prefixes.
table()
{
	for file in $(printf '%s\n' conf-files/* | sort -r); do
		[ ! -f "$file" ] ||
			printf 's|@%s\\>|%s|g\n' "${file#conf-files/}" "$(setting "${file#conf-files/}")"
	done | sed -f - hier | grep '^[a-z]'
}

bin=$dest$(setting bindir)
mkdir -p "$bin/.new"
while [ "$1" != -- ]; do
	cp "$build/$1" "$bin/.new/"
	shift
done
shift
chmod 755 "$bin"/.new/*

table | while read -r type path owner group mode; do
	path=$dest$path
	case $type in
	d)
		mkdir -p "$path"
		own "$owner" "$group" "$mode" "$path" ;;
	s)
		i=0 split=$(setting split)
		set --
		while [ $i -lt "$split" ]; do
			set -- "$@" "$path/$i"
			i=$((i + 1))
		done
		mkdir -p "$@"
		own "$owner" "$group" "$mode" "$@" ;;
	p)
		[ -p "$path" ] || mkfifo -m 600 "$path"
		own "$owner" "$group" "$mode" "$path" ;;
	f)
		[ -e "$path" ] || : >"$path"
		own "$owner" "$group" "$mode" "$path" ;;
	x)
		new=$bin/.new/${path##*/}
		[ ! -e "$new" ] || own "$owner" "$group" "$mode" "$new" ;;
	l)
		ln -sf "$owner" "$path" ;;
	esac
done
mv -f "$bin"/.new/* "$bin/"
rmdir "$bin/.new"

man=$dest$(setting mandir)
for page; do
	mkdir -p "$man/man${page##*.}"
	install -m 644 "$page" "$man/man${page##*.}/"
done

# put_new DIRECTORY FILE…: what is not there yet.
put_new()
{
	to=$1
	shift
	for file; do
		[ ! -f "$file" ] || [ -e "$to/${file##*/}" ] || cp "$file" "$to/"
	done
}

control=$dest$(setting confdir)/control
put_new "$control" conf-files/control/*
put_new "$dest$(setting confdir)" conf-files/etc/*
[ -n "$dest" ] || [ -e "$control/me" ] ||
	echo "install: now write this host's name into $control/me"
