# docker build -t groundglass .
# docker run --rm -v "$PWD:/work" groundglass ask "Why are the edges sharp?" -i shot.png -o report
# docker run --rm -p 127.0.0.1:8765:8765 -e GROUNDGLASS_TOKEN groundglass serve --host 0.0.0.0

FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE model_registry.yaml ./
COPY prompts prompts
COPY agent agent
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
# PyTorch without CUDA, which is several gigabytes smaller; else what pip's own index offers.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY constraints.txt /tmp/
COPY --from=build /wheels /wheels
RUN (pip install --no-cache-dir --constraint /tmp/constraints.txt --index-url "$TORCH_INDEX" torch \
        || (echo "No PyTorch from $TORCH_INDEX: taking the build that pip's own index offers" \
            && pip install --no-cache-dir --constraint /tmp/constraints.txt torch)) \
    && pip install --no-cache-dir --constraint /tmp/constraints.txt "$(echo /wheels/*.whl)[ocr,web,mcp]" \
    && useradd --create-home --uid 1000 groundglass
USER 1000
ENV GROUNDGLASS_CACHE=/home/groundglass/.cache/groundglass \
    GROUNDGLASS_DATA=/home/groundglass/.local/share/groundglass
WORKDIR /work
EXPOSE 8765
ENTRYPOINT ["groundglass"]
CMD ["--help"]
