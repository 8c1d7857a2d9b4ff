#!/usr/bin/env bash
# java.sh [tools]: builds the Java client and what uses it, or fetches only the generators that `make generate` runs.
# Everything that Maven fetches or installs lands in .cache/maven; no repository of the user's is read or written.
. "$(dirname "$0")/lib.sh"

CLIENT=$ROOT/clients/java
GENERATOR_DIR=$CACHE/java
DEPENDENCY_PLUGIN=org.apache.maven.plugins:maven-dependency-plugin:3.8.1

# The generators' versions are the runtime's, in the pom; these are their files' sums.
GENERATORS='
65143da2d7a01c7ab24c287fb06de20fb07ef0a346f17d39fc284393f0ca0457  protoc-4.36.1-linux-x86_64.exe
8e7a4c1e85b3e780bc9a68a5b47ef10a336de639966ba70b335c05d16509d318  protoc-4.36.1-linux-aarch_64.exe
db4044e78391d5a23439143c8147f07ba5877675587b4d48f3b68fbee3893589  protoc-gen-grpc-java-1.83.1-linux-x86_64.exe
5af5544369bd8557111abfbed21453bb6fa867bf32a25f2ffe5f72366e705cef  protoc-gen-grpc-java-1.83.1-linux-aarch_64.exe'

property() { sed -n "s|.*<$1>\(.*\)</$1>.*|\1|p" "$CLIENT/pom.xml"; }

# sum PATH...: one hash over the names and content of the files there, but for what builds make.
sum() { (cd "$ROOT" && find "$@" -type f -not -path '*/target/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1); }

# need_java: a JDK of 11 or later, and Maven; from apt where the machine has none.
need_java() {
  local have
  have=$(javac -version 2>&1 | sed -n 's/^javac \([0-9]*\).*/\1/p') || true
  [ "${have:-0}" -ge 11 ] || need_apt default-jdk-headless
  command -v mvn >/dev/null || need_apt maven
}

maven() { mvn -B -q -ntp -Dstyle.color=never "-Dmaven.repo.local=$CACHE/maven" "$@"; }

# fetch_generator NAME GROUP VERSION: .cache/java/bin/NAME, when it is not there in that version.
fetch_generator() {
  local name=$1 version=$3 machine file want
  case $(uname -sm) in
    'Linux x86_64') machine=linux-x86_64 ;;
    'Linux aarch64') machine=linux-aarch_64 ;;
    *) die "no $name is pinned for $(uname -sm)" "generate on Linux, x86_64 or aarch64" ;;
  esac
  file=$name-$version-$machine.exe
  want=$(sed -n "s|  $file\$||p" <<<"$GENERATORS")
  [ -n "$want" ] || die "scripts/java.sh has no sum of $file"
  echo "$want  $GENERATOR_DIR/bin/$name" | sha256sum --check --status 2>/dev/null && return 0
  need_java
  step "fetching $name $version from Maven into .cache/java/bin"
  maven "$DEPENDENCY_PLUGIN:copy" "-Dartifact=$2:$name:$version:exe:$machine" "-DoutputDirectory=$GENERATOR_DIR/download"
  echo "$want  $GENERATOR_DIR/download/$file" | sha256sum --check --quiet || die "$file is not what was pinned"
  install -D -m 0755 "$GENERATOR_DIR/download/$file" "$GENERATOR_DIR/bin/$name"
  rm -r "$GENERATOR_DIR/download"
}

tools() {
  fetch_generator protoc com.google.protobuf "$(property protobuf.version)"
  fetch_generator protoc-gen-grpc-java io.grpc "$(property grpc.version)"
}

# build: the client tested and installed, then the interop program and the example on what was installed.
build() {
  local source poms offline=()
  source=$(sum clients/java examples/java gen/java proto/casemate/service_config.json)
  [ "$(cat "$CACHE/maven/.built" 2>/dev/null)" = "$source" ] && [ -e "$CLIENT/interop/target/interop.jar" ] && return 0
  need_java
  # What the same poms need is in .cache/maven since their last build, so that no registry is asked again.
  poms=$(sum clients/java/pom.xml clients/java/interop/pom.xml examples/java/pom.xml)
  if [ "$(cat "$CACHE/maven/.poms" 2>/dev/null)" = "$poms" ]; then
    offline=(-o)
  else
    note "Maven fetches plugins and libraries into .cache/maven"
  fi
  step "building clients/java: casemate-client $(sed -n 's|^  <version>\(.*\)</version>|\1|p' "$CLIENT/pom.xml")"
  rm -rf "$CACHE/maven/dev/casemate" "$CLIENT"/{,interop/}target "$ROOT/examples/java/target"
  maven "${offline[@]}" -f "$CLIENT/pom.xml" install
  step "building clients/java/interop and examples/java on the installed client"
  maven "${offline[@]}" -f "$CLIENT/interop/pom.xml" package
  # Skipped, so that it runs nothing: Maven has then fetched what running the example needs.
  maven "${offline[@]}" -f "$ROOT/examples/java/pom.xml" compile exec:java -Dexec.skip
  echo "$source" >"$CACHE/maven/.built"
  echo "$poms" >"$CACHE/maven/.poms"
}

case ${1:-build} in
  tools) tools ;;
  build) build ;;
  *) die "usage: java.sh [tools]" ;;
esac
