# rojsat with its environment. No GPU is needed; 9 GB.
#   docker build --tag rojsat .
#   docker run --rm --interactive --tty rojsat                        # a shell; `make demo` is a first look
#   docker run --rm --volume "$PWD/reports:/rojsat/reports" rojsat make demo   # leaves its page in reports/
FROM python:3.11-slim

# libexpat1: GDAL; git: DVC, and the commit of every run
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git libexpat1 make \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /rojsat
ENV PATH=/rojsat/.venv/bin:$PATH PYTHONUNBUFFERED=1 UV_NO_CACHE=1

# the environment alone first: it is built again only when one of these files changes
COPY Makefile LICENSE README.md pyproject.toml requirements.txt setup.cfg ./
COPY .ci .ci
COPY rojsat/__init__.py rojsat/__init__.py
RUN make env

COPY . .
RUN touch .venv/ready

CMD ["bash"]
