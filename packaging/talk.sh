#!/usr/bin/env bash
# The main job: a conversation in the headset; without headset or microphone, a question asked by another voice in a
# simulated headset, filmed to out/talk.mp4 with figures in out/report.json.
set -euo pipefail
cd "$(dirname "$0")/.."
visavis=.venv/bin/visavis

if "$visavis" doctor --ready; then
    exec "$visavis" run
fi
mkdir -p out
flite -voice rms -t "What is the capital of France?" -o out/question.wav
exec "$visavis" run --hear out/question.wav --record out/talk.mp4 --report out/report.json
