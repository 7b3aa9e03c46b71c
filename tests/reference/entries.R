# Figures of entries.csv, the entries of a loop, by R's survey package with respondents as clusters, for
# tests/test_loops_compared.py. Run once, when data or figures change: Rscript entries.R  (Debian: r-cran-survey r-cran-jsonlite)
suppressPackageStartupMessages({ library(survey); library(jsonlite) })

rows <- read.csv("entries.csv", colClasses = "character")
rows[] <- lapply(rows, function(x) ifelse(startsWith(x, "~"), NA, x))
for (name in c("weight", "hours", "advise")) rows[[name]] <- as.numeric(rows[[name]])
rows$high <- as.numeric(rows$weight == 3)
rows$net <- ifelse(rows$advise >= 9, 1, ifelse(rows$advise <= 6, -1, 0))

# Weights as given: of a respondent the share of the specialty in the population by that in the sample.
people <- rows[!duplicated(rows$id), ]
target <- c(primary = .34, surgical = .19, other = .47)
rows$w <- target[rows$specialty] / (table(people$specialty)[rows$specialty] / nrow(people))
weighted <- svydesign(ids = ~id, weights = ~w, data = rows)

mean_of <- function(name, keep, is_weighted) {
  keep <- keep & !is.na(rows[[name]]); g <- length(unique(rows$id[keep]))
  design <- if (is_weighted) subset(weighted, keep) else svydesign(ids = ~id, weights = ~1, data = rows[keep, ])
  m <- svymean(as.formula(paste0("~", name)), design)
  list(value = as.numeric(m), error = as.numeric(SE(m)), interval = as.numeric(confint(m, df = g - 1)), entries = sum(keep), respondents = g)
}
difference <- function(name, one, other, is_weighted) {
  a <- mean_of(name, one, is_weighted); b <- mean_of(name, other, is_weighted); d <- a$value - b$value
  v <- c(a$error, b$error)^2; df <- sum(v)^2 / sum(v^2 / (c(a$respondents, b$respondents) - 1)); error <- sqrt(sum(v))
  found <- list(group = a, difference = d, error = error, df = df, interval = d + c(-1, 1) * qt(.975, df) * error, p = 2 * pt(-abs(d / error), df))
  if (is_weighted) {  # the covariance of two groups is that of the package
    sub <- weighted; sub$variables$g <- ifelse(one, "in", "out"); sub <- subset(sub, (one | other) & !is.na(rows[[name]]))
    both <- svyby(as.formula(paste0("~", name)), ~g, sub, svymean, covmat = TRUE)
    found$contrast <- as.numeric(SE(svycontrast(both, c(1, -1))))
  }
  found
}
figures <- function(is_weighted) sapply(c("high", "hours", "net"), function(name) list(
  to_the_rest = sapply(c("practising", "left", "back"), function(group) difference(name, rows$status == group, rows$status != group, is_weighted), simplify = FALSE),
  left_with_practising = difference(name, rows$status == "left", rows$status == "practising", is_weighted)), simplify = FALSE)
write_json(list(versions = list(R = paste(R.version$major, R.version$minor, sep = "."), survey = as.character(packageVersion("survey"))),
                unweighted = figures(FALSE), weighted = figures(TRUE)), "entries.json", digits = NA, auto_unbox = TRUE, pretty = TRUE)
