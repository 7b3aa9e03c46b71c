# The service, as `opinion serve`: not as root, with one volume for the database and the surveys' folder beside it.
FROM python:3.11-slim

RUN useradd --create-home --uid 10001 opinion && mkdir /var/lib/opinion && chown opinion /var/lib/opinion
WORKDIR /opt/opinion
COPY requirements.txt ./
RUN pip install --no-cache-dir -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY templates templates
RUN pip install --no-cache-dir --no-deps --no-build-isolation .
COPY surveys surveys

USER opinion
VOLUME /var/lib/opinion
ENV OPINION_DATABASE_URL=sqlite:////var/lib/opinion/opinion.db OPINION_HOST=0.0.0.0 OPINION_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
CMD ["opinion", "serve"]
