# count_serial ZONE: gives the zone that NSD is about to load a higher serial than it ever had, if it is not the one that
# was loaded last. Secondaries take over nothing else, and an earlier configuration of the host brings back earlier zones.
count_serial() (
  file=/var/lib/nsd/zones/$1
  last=/var/lib/nsd/serials/$1
  content=$(sha256sum <"$file")
  content=${content%% *}
  known=
  serial=0
  if [ -e "$last" ]; then read -r known serial <"$last"; fi
  if [ "$known" != "$content" ]; then
    now=$(date +%s)
    serial=$((serial < now ? now : serial + 1))
    mkdir -p /var/lib/nsd/serials
    echo "$content $serial" >"$last.new"
    mv "$last.new" "$last"
  fi
  sed -i "1s/ SOA \([^ ]* [^ ]*\) 1 / SOA \1 $serial /" "$file"
)
