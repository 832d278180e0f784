#!/usr/bin/env bash
# Prints the events of an order, one JSON object per line, each once and in order. After a lost connection it resumes
# with the id of the last event. Usage: stream.sh ORDER; the settings are the three variables.
set -euo pipefail
order=$1
: "${ORDERS_URL:=http://localhost:5080}" "${ORDERS_API_KEY:=demo-key}" "${ORDERS_API_SECRET:=demo-secret}"

last=
while true; do
  from=(-G -d after=0)
  [ -z "$last" ] || from=(-H "Last-Event-ID: $last")
  event= id=
  # The server sends a comment every 25 s. A stream that is silent for 60 s is dead.
  while IFS= read -r line; do
    case $line in
      "event: "*) event=${line#event: } ;;
      "id: "*) id=${line#id: } ;;
      "data: "*)
        case $event in
          event) printf '%s\n' "${line#data: }" ;;
          end) printf '%s\n' "${line#data: }" >&2 ;;
        esac
        [ -z "$id" ] || last=$id
        event= id= ;;
    esac
  done < <(curl -sSN --fail-with-body --connect-timeout 10 --speed-limit 1 --speed-time 60 \
    -K <(printf 'user = "%s:%s"\n' "$ORDERS_API_KEY" "$ORDERS_API_SECRET") \
    -H "Accept: text/event-stream" "${from[@]}" "$ORDERS_URL/v1/orders/$order/events" || true)
  sleep "$((1 + RANDOM % 3)).$((RANDOM % 10))"
done
