#!/usr/bin/env bash
# Builds the image of the version in package.json and pushes it; stops at the first error.
#   IMAGE=registro.exemplo.com.br/consultor-da-vez ./build_and_push.sh
set -euo pipefail
cd "$(dirname "$0")"

: "${IMAGE:?defina IMAGE, por exemplo registro.exemplo.com.br/consultor-da-vez}"
version="$(node -p 'require("./package.json").version')"

docker build --pull --tag "$IMAGE:$version" --tag "$IMAGE:latest" .
docker push "$IMAGE:$version"
docker push "$IMAGE:latest"
echo "$IMAGE:$version publicado. Para usá-lo: IMAGE=$IMAGE VERSION=$version docker stack deploy -c stack.yml gestao-consultores"
