#!/usr/bin/env bash
# A walk through etcd's JSON API by curl: keys, ranges, a watch, transactions, users, roles and tokens. Each step shows what it
# sends and checks what comes back.
#
#     deploy/walkthrough.sh [http://127.0.0.1:8379]
#
# It turns authentication on and off again, so it refuses an etcd that has users. What it has made it removes.
set -euo pipefail

url=${1:-http://127.0.0.1:8379}
folder=$(mktemp -d)
watch=
: >"$folder/watch"

# JSON carries keys and values as base64.
b64() { printf %s "$1" | base64 | tr -d '\n'; }

# post PATH BODY [CURL ARGUMENT…]: the body of the answer, whatever its status.
post() {
  local path=$1 body=$2
  shift 2
  printf '\n$ curl %s%s -d %q\n' "$url" "$path" "$body" >&2
  curl --silent --show-error --max-time 30 "$url$path" --data "$body" "$@" | tee /dev/stderr
}

# expect WHAT ANSWER PART…: each part is in the answer.
expect() {
  local what=$1 answer=$2 part
  shift 2
  for part; do
    if [[ $answer != *"$part"* ]]; then
      printf '\nFAILED: %s: no %s in %s\n' "$what" "$part" "$answer" >&2
      exit 1
    fi
  done
}

# field NAME ANSWER: the text of a field, without its quotes.
field() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" <<<"$2"; }

token=
# Leaves the etcd as it was, also where a step has failed.
clean_up() {
  [[ -z $watch ]] || kill "$watch" 2>/dev/null || true
  if [[ -n $token ]]; then
    curl --silent --output /dev/null "$url/v3/auth/disable" --data '{}' --header "Authorization: $token" || true
  fi
  local path body
  while read -r path body; do
    curl --silent --output /dev/null "$url$path" --data "$body" || true
  done <<EOT
/v3/auth/user/delete {"name":"walk-reader"}
/v3/auth/role/delete {"role":"walk-reader"}
/v3/auth/user/delete {"name":"root"}
/v3/auth/role/delete {"role":"root"}
/v3/kv/deleterange {"key":"$(b64 walk/)","range_end":"$(b64 walk0)"}
EOT
  rm -rf "$folder"
}

users=$(post /v3/auth/user/list '{}')
expect 'who this etcd knows' "$users" '"header"'
if [[ $users == *'"users"'* ]]; then
  echo 'This etcd has users: walk through another one.' >&2
  exit 2
fi
trap clean_up EXIT

echo '— A key'
answer=$(post /v3/kv/put "{\"key\":\"$(b64 walk/1)\",\"value\":\"$(b64 one)\"}")
expect 'a put' "$answer" '"revision"'
answer=$(post /v3/kv/range "{\"key\":\"$(b64 walk/1)\"}")
expect 'the key again' "$answer" "\"value\":\"$(b64 one)\"" '"count":"1"'

echo '— All keys that begin with walk/: up to the key that follows the last of them'
post /v3/kv/put "{\"key\":\"$(b64 walk/2)\",\"value\":\"$(b64 two)\"}" >/dev/null
answer=$(post /v3/kv/range "{\"key\":\"$(b64 walk/)\",\"range_end\":\"$(b64 walk0)\"}")
expect 'both keys' "$answer" '"count":"2"' "$(b64 one)" "$(b64 two)"

echo '— A watch: a line for each event, for as long as the client stays'
curl --silent --no-buffer "$url/v3/watch" --data "{\"create_request\":{\"key\":\"$(b64 walk/3)\"}}" >"$folder/watch" &
watch=$!
# wait_for PART: until the watch has said it.
wait_for() {
  for _ in {1..300}; do
    if grep --quiet --fixed-strings "$1" "$folder/watch"; then return; fi
    sleep 0.1
  done
  expect 'the watch' "$(<"$folder/watch")" "$1"
}
wait_for '"created":true'
post /v3/kv/put "{\"key\":\"$(b64 walk/3)\",\"value\":\"$(b64 three)\"}" >/dev/null
wait_for "\"value\":\"$(b64 three)\""
cat "$folder/watch"
kill "$watch"
watch=

echo '— A transaction: if walk/1 is still "one", then it becomes "uno", or else it is read'
transaction="{\"compare\":[{\"target\":\"VALUE\",\"key\":\"$(b64 walk/1)\",\"value\":\"$(b64 one)\"}],
  \"success\":[{\"requestPut\":{\"key\":\"$(b64 walk/1)\",\"value\":\"$(b64 uno)\"}}],
  \"failure\":[{\"requestRange\":{\"key\":\"$(b64 walk/1)\"}}]}"
answer=$(post /v3/kv/txn "$transaction")
expect 'the first time' "$answer" '"succeeded":true' '"response_put"'
answer=$(post /v3/kv/txn "$transaction")
expect 'the second time' "$answer" '"response_range"' "$(b64 uno)"
if [[ $answer == *'"succeeded":true'* ]]; then expect 'the second time' "$answer" 'no success'; fi

echo '— Users and roles: root, and one who may read what begins with walk/'
answer=$(post /v3/auth/user/add '{"name":"root","password":"walk-root"}')
expect 'the user root' "$answer" '"header"'
for name in root walk-reader; do
  expect "the role $name" "$(post /v3/auth/role/add "{\"name\":\"$name\"}")" '"header"'
done
expect 'who is root' "$(post /v3/auth/user/grant '{"user":"root","role":"root"}')" '"header"'
expect 'the reader' "$(post /v3/auth/user/add '{"name":"walk-reader","password":"walk-pass"}')" '"header"'
permission="{\"name\":\"walk-reader\",\"perm\":{\"permType\":\"READ\",\"key\":\"$(b64 walk/)\",\"range_end\":\"$(b64 walk0)\"}}"
expect 'what it may' "$(post /v3/auth/role/grant "$permission")" '"header"'
expect 'its role' "$(post /v3/auth/user/grant '{"user":"walk-reader","role":"walk-reader"}')" '"header"'
expect 'the role' "$(post /v3/auth/role/get '{"role":"walk-reader"}')" "$(b64 walk/)"

echo '— Authentication: a name and a password for a token, and with the token what that user may'
expect 'authentication on' "$(post /v3/auth/enable '{}')" '"header"'
token=$(field token "$(post /v3/auth/authenticate '{"name":"root","password":"walk-root"}')")
[[ -n $token ]] || expect 'a token' '' 'a token of root'
reader=$(field token "$(post /v3/auth/authenticate '{"name":"walk-reader","password":"walk-pass"}')")
[[ -n $reader ]] || expect 'a token' '' 'a token of walk-reader'

range="{\"key\":\"$(b64 walk/1)\"}"
put="{\"key\":\"$(b64 walk/1)\",\"value\":\"$(b64 changed)\"}"
expect 'without a token' "$(post /v3/kv/range "$range")" 'user name is empty'
expect 'a read with a token' "$(post /v3/kv/range "$range" --header "Authorization: $reader")" "$(b64 uno)"
expect 'a write with it' "$(post /v3/kv/put "$put" --header "Authorization: $reader")" 'permission denied'
expect 'a write of root' "$(post /v3/kv/put "$put" --header "Authorization: $token")" '"revision"'
expect 'authentication off' "$(post /v3/auth/disable '{}' --header "Authorization: $token")" '"header"'
token=

printf '\nAll of it works.\n'
