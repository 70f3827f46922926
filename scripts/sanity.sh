#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 aegis.nats contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# ansible-test sanity on a copy of the checkout: it wants to lie in ansible_collections/aegis/nats, and not by a symlink.
# The copy and the tools that ansible-test installs stay in .cache, for the next run. Arguments go to ansible-test.

cd "$(dirname "$0")/.." || exit 1
# shellcheck source=scripts/environment.sh
. scripts/environment.sh

state=$PWD/.cache/sanity
copy=$state/ansible_collections/aegis/nats

# copy_checkout: what git tracks or would track, and nothing that is gone. The tools of the last run stay.
copy_checkout() {
  mkdir -p "$copy"
  find "$copy" -mindepth 1 -maxdepth 1 ! -name tests -exec rm -rf {} +
  find "$copy/tests" -mindepth 1 -maxdepth 1 ! -name output -exec rm -rf {} + 2>/dev/null || true
  git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    if [ -f "$file" ] && [ ! -L "$file" ]; then printf '%s\0' "$file"; fi
  done | tar --create --null --files-from=- | tar --extract --directory="$copy"
  # ansible-test asks git what is there: not the checkout around, which ignores this folder.
  git -C "$copy" init --quiet
  [ -n "$(git -C "$copy" ls-files --others --exclude-standard plugins)" ] || fail "the copy in $copy is empty."
}

# bring_pip: ansible-test downloads a pip of its own choice; where its source does not answer, this Python's own serves.
bring_pip() {
  local version cache=$HOME/.ansible/test/cache
  version=$(python - <<'PYTHON'
import inspect
from ansible_test._internal import python_requirements
print(next(w for w in inspect.getsource(python_requirements.get_venv_packages).split("'") if w[0].isdigit()))
PYTHON
  )
  mkdir -p "$cache"
  cp scripts/get_pip.py "$cache/get_pip_${version//./_}.py"
}

# interpreters: folders of the Pythons that run, so that the code is tried on each.
interpreters() {
  local folder
  for folder in "$home"/.pyenv/versions/*/bin; do
    if "$folder/python" -c '' 2>/dev/null; then printf '%s:' "$folder"; fi
  done
}

home=$HOME
export XDG_CONFIG_HOME=${XDG_CONFIG_HOME:-$home/.config} XDG_CACHE_HOME=${XDG_CACHE_HOME:-$home/.cache}
export HOME=$state/home
PATH=$(dirname "$(command -v ansible-test)"):$(interpreters)/usr/local/bin:/usr/bin:/bin
export PATH

copy_checkout
bring_pip
cd "$copy" || exit 1
exec ansible-test sanity --venv --color no "$@"
