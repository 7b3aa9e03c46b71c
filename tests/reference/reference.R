# Figures of responses.csv and vignettes.csv by R and its packages, for tests/test_reference.py.
# Run once, when data or figures change: Rscript reference.R   (Debian: r-base-core r-cran-survey r-cran-psych
# r-cran-lavaan r-cran-sandwich r-cran-lmtest r-cran-jsonlite)
suppressPackageStartupMessages({
  library(survey); library(psych); library(lavaan); library(sandwich); library(lmtest); library(jsonlite)
})

data <- read.csv("responses.csv", colClasses = "character", check.names = FALSE)
cases <- read.csv("vignettes.csv", colClasses = "character")
known <- function(x) ifelse(startsWith(x, "~"), NA, x)
numeric <- c("years", "m.failed", "m.grew", "m.respect", "m.trust", "m.regret", "strain.tired", "strain.alone",
             "strain.late", "recommend", "own", "seen", "hours")
raw <- data
data[] <- lapply(data, known)
data[numeric] <- lapply(data[numeric], as.numeric)

bases <- list(complete = data$disposition == "complete", partial = data$disposition %in% c("complete", "partial"),
              all = data$disposition %in% c("complete", "partial", "break_off"),
              left = data$disposition == "complete" & data$status == "left")

# --- scores: the mean of at least three parts, two of them reversed; and a sum of all parts -------------------
parts <- cbind(data$m.failed, 6 - data$m.grew, 6 - data$m.respect, data$m.trust, data$m.regret)
strain <- cbind(data$strain.tired, data$strain.alone, data$strain.late)
data$stigma <- ifelse(rowSums(!is.na(parts)) >= 3, rowMeans(parts, na.rm = TRUE), NA)
data$stigma_100 <- (data$stigma - 1) / 4 * 100
data$strain_sum <- rowSums(strain)

# --- marginals ------------------------------------------------------------------------------------------------
share <- function(count, n) {
  list(count = count, n = n, share = count / n, wilson = as.numeric(prop.test(count, n, correct = FALSE)$conf.int),
       exact = as.numeric(binom.test(count, n)$conf.int))
}
shares <- function(rows, name, codes) {
  x <- data[rows, name]; x <- x[!is.na(x)]
  setNames(lapply(codes, function(code) share(sum(x == code), length(x))), codes)
}
chosen <- function(rows, code) {
  x <- if (code == "visa") data[rows & data$status == "left", "reasons"] else data[rows, "reasons"]
  x <- x[!is.na(x)]
  share(sum(sapply(strsplit(x, " "), function(each) code %in% each)), length(x))
}
moments <- function(x) {
  x <- x[!is.na(x)]; t <- t.test(x)
  list(n = length(x), mean = mean(x), sd = sd(x), error = sd(x) / sqrt(length(x)), median = median(x),
       quartiles = as.numeric(quantile(x, c(.25, .75), type = 7)), interval = as.numeric(t$conf.int))
}
box <- function(x, codes) { x <- x[!is.na(x)]; share(sum(x %in% codes), length(x)) }
net <- function(x) moments(ifelse(x >= 9, 1, ifelse(x <= 6, -1, 0)))
codes <- list(status = c("practising", "left", "retired", "outside"), specialty = c("primary", "surgical", "other"),
              stage = c("training", "specialist", "senior"), licensed = c("yes", "no"), part_time = c("yes", "no"),
              country = c("a", "b", "c", "d", "e"), cause = c("burnout", "family"), m.failed = 1:5, m.grew = 1:5, own = 1:7,
              seen = 1:7, recommend = 0:10, strain.tired = 1:5)
marginals <- lapply(bases, function(rows) list(
  n = sum(rows),
  shares = sapply(names(codes), function(name) shares(rows, name, codes[[name]]), simplify = FALSE),
  reasons = sapply(c("workload", "family", "visa", "never"), function(code) chosen(rows, code), simplify = FALSE),
  means = sapply(c(numeric, "stigma", "stigma_100", "strain_sum"), function(name) moments(data[rows, name]), simplify = FALSE),
  top_two = sapply(c("m.failed", "own"), function(name) box(data[rows, name], tail(codes[[name]], 2)), simplify = FALSE),
  bottom_two = sapply(c("m.failed", "own"), function(name) box(data[rows, name], head(codes[[name]], 2)), simplify = FALSE),
  net = net(data[rows, "recommend"]),
  missing = sapply(setdiff(names(raw), c("id", "disposition", "cause", "reasons")), function(name)
    as.list(table(factor(raw[rows, name], paste0("~", c("not_shown", "skipped", "declined", "dont_know", "not_applicable", "not_reached"))))),
    simplify = FALSE)))
completion <- with(as.list(table(data$disposition)), share(complete, complete + partial + break_off))

# --- crosstabs and groups, of complete responses ----------------------------------------------------------------
whole <- data[bases$complete, ]
crosstab <- function(row, column) {
  x <- table(whole[[row]], whole[[column]])
  test <- suppressWarnings(chisq.test(x, correct = FALSE))
  list(row = row, column = column, rows = rownames(x), columns = colnames(x), counts = unclass(x), expected = unclass(test$expected),
       residuals = unclass(test$stdres), statistic = unname(test$statistic), df = unname(test$parameter),
       p = test$p.value, cramers_v = unname(sqrt(test$statistic / (sum(x) * (min(dim(x)) - 1)))),
       fisher = if (all(dim(x) == 2)) fisher.test(x)$p.value)
}
crosstabs <- list(crosstab("status", "specialty"), crosstab("cause", "status"), crosstab("status", "m.failed"),
                  crosstab("part_time", "cause"), crosstab("country", "stage"), crosstab("stage", "specialty"))

newcombe <- function(a, m, b, n) {
  p <- a / m; q <- b / n
  l <- prop.test(a, m, correct = FALSE)$conf.int; k <- prop.test(b, n, correct = FALSE)$conf.int
  c(p - q - sqrt((p - l[1])^2 + (k[2] - q)^2), p - q + sqrt((l[2] - p)^2 + (q - k[1])^2))
}
difference <- function(value, name, group, one) {
  own <- whole[[group]] == one; x <- whole[[name]]; keep <- !is.na(x) & !is.na(own)
  a <- sum(x[keep & own] == value); m <- sum(keep & own); b <- sum(x[keep & !own] == value); n <- sum(keep & !own)
  list(counts = c(a, m, b, n), difference = a / m - b / n, interval = newcombe(a, m, b, n))
}
groups <- function(name, group) {
  x <- whole[[name]]; g <- whole[[group]]; keep <- !is.na(x) & !is.na(g); x <- x[keep]; g <- factor(g[keep])
  pairs <- combn(levels(g), 2, simplify = FALSE)
  tests <- lapply(pairs, function(pair) t.test(x[g == pair[1]], x[g == pair[2]]))
  p <- sapply(tests, function(each) each$p.value)
  f <- oneway.test(x ~ g)
  list(groups = lapply(split(x, g), moments),
       f = list(statistic = unname(f$statistic), df = unname(f$parameter), p = f$p.value),
       pairs = lapply(seq_along(pairs), function(i) list(
         pair = pairs[[i]], t = unname(tests[[i]]$statistic), df = unname(tests[[i]]$parameter), p = p[i],
         difference = -diff(unname(tests[[i]]$estimate)), interval = as.numeric(tests[[i]]$conf.int),
         holm = p.adjust(p, "holm")[i])))
}
means <- list("stigma by specialty" = groups("stigma", "specialty"), "own by stage" = groups("own", "stage"),
              "years by status" = groups("years", "status"))

# --- within persons ---------------------------------------------------------------------------------------------
both <- whole[!is.na(whole$own) & !is.na(whole$seen), ]
t <- t.test(both$own, both$seen, paired = TRUE)
own <- both$own >= 5; seen <- both$seen >= 5
n <- nrow(both); cells <- c(sum(own & seen), sum(own & !seen), sum(!own & seen), sum(!own & !seen))
paired_newcombe <- function(a, b, c, d) {
  n <- a + b + c + d; p <- (a + b) / n; q <- (a + c) / n
  l <- prop.test(a + b, n, correct = FALSE)$conf.int; k <- prop.test(a + c, n, correct = FALSE)$conf.int
  e <- a * d - b * c
  phi <- (if (e > n / 2) e - n / 2 else if (e >= 0) 0 else e) / sqrt((a + b) * (c + d) * (a + c) * (b + d))
  c(p - q - sqrt((p - l[1])^2 - 2 * phi * (p - l[1]) * (k[2] - q) + (k[2] - q)^2),
    p - q + sqrt((l[2] - p)^2 - 2 * phi * (l[2] - p) * (q - k[1]) + (q - k[1])^2))
}
mcnemar <- mcnemar.test(matrix(cells, 2), correct = FALSE)
within <- list(n = n, mean = unname(t$estimate), interval = as.numeric(t$conf.int), t = unname(t$statistic),
               df = unname(t$parameter), p = t$p.value, cells = cells, difference = (cells[2] - cells[3]) / n,
               share_interval = do.call(paired_newcombe, as.list(cells)), mcnemar = unname(mcnemar$statistic), mcnemar_p = mcnemar$p.value,
               exact_p = binom.test(6, 20)$p.value)

# --- reliability --------------------------------------------------------------------------------------------------
omega <- function(x, lower = 1e-8) {
  x <- as.data.frame(x); names(x) <- paste0("p", seq_along(x))
  fit <- cfa(paste("f =~", paste(names(x), collapse = " + ")), data = x, std.lv = TRUE,
             control = list(rel.tol = 1e-10))
  est <- lavInspect(fit, "est"); common <- sum(est$lambda)^2
  common / (common + sum(diag(est$theta)))
}
reliability <- function(x) {
  listwise <- x[complete.cases(x), ]
  a <- suppressWarnings(psych::alpha(as.data.frame(listwise), use = "complete.obs", check.keys = FALSE, warnings = FALSE))
  pairwise <- suppressWarnings(psych::alpha(as.data.frame(x), use = "pairwise", check.keys = FALSE, warnings = FALSE))
  k <- ncol(x); n <- nrow(listwise); alpha <- a$total$raw_alpha
  interval <- psych::alpha.ci(alpha, n.obs = n, n.var = k, p.val = .05, digits = 16)
  list(n = n, alpha = alpha, feldt = c(1 - (1 - alpha) * qf(.975, n - 1, (n - 1) * (k - 1)), 1 - (1 - alpha) * qf(.025, n - 1, (n - 1) * (k - 1))),
       feldt_psych = c(interval$lower.ci, interval$upper.ci), pairwise = pairwise$total$raw_alpha,
       if_dropped = a$alpha.drop$raw_alpha, item_rest = a$item.stats$r.drop, omega = omega(listwise))
}
reliabilities <- list(stigma = reliability(parts[bases$complete, ]), strain_sum = reliability(strain[bases$complete, ]),
                      "stigma of those who left" = reliability(parts[bases$left, ]))

# --- weights: raking, shares by logit, means, and Rao and Scott's test --------------------------------------------
targets <- list(specialty = c(primary = .34, surgical = .19, other = .47), stage = c(training = .3, specialist = .45, senior = .25))
design <- svydesign(ids = ~1, weights = ~1, data = whole)
frequencies <- function(name) setNames(data.frame(names(targets[[name]]), unname(targets[[name]]) * nrow(whole)), c(name, "Freq"))
raked <- rake(design, list(~specialty, ~stage), list(frequencies("specialty"), frequencies("stage")),
              control = list(maxit = 1000, epsilon = 1e-13, verbose = FALSE))
w <- weights(raked)
kish <- function(w) list(effect = length(w) * sum(w^2) / sum(w)^2, n = sum(w)^2 / sum(w^2))
weighted_share <- function(name, code) {
  sub <- subset(raked, !is.na(whole[[name]]))
  sub$variables$hit <- as.numeric(sub$variables[[name]] == code)
  at <- svyciprop(~hit, sub, method = "logit"); m <- svymean(~hit, sub)
  own <- weights(sub)
  list(share = as.numeric(at), interval = as.numeric(attr(at, "ci")), error = as.numeric(SE(m)), n = length(own),
       sums = c(sum(own), sum(own^2)), hits = c(sum(sub$variables$hit), sum(own * sub$variables$hit), sum(own^2 * sub$variables$hit)))
}
weighted_mean <- function(name) {
  sub <- subset(raked, !is.na(whole[[name]])); m <- svymean(as.formula(paste0("~`", name, "`")), sub)
  list(mean = as.numeric(m), error = as.numeric(SE(m)), interval = as.numeric(confint(m, df = degf(raked))), df = degf(raked))
}
at_an_end <- function(effective, whole) c(if (whole) qbeta(.025, effective, 1) else 0, if (whole) 1 else qbeta(.975, 1, effective))
rao_scott <- function(row, column) {
  sub <- subset(raked, !is.na(whole[[row]]) & !is.na(whole[[column]]))
  f <- svychisq(as.formula(paste0("~`", row, "`+`", column, "`")), sub, statistic = "F")
  list(rows = row, columns = column, f = unname(f$statistic), df = unname(f$parameter), p = unname(f$p.value),
       chi_square = unname(svychisq(as.formula(paste0("~`", row, "`+`", column, "`")), sub, statistic = "Chisq")$statistic))
}
# Two weights, given rather than raked, so that its variance is what weights alone leave.
weighted <- list(
  targets = targets, weights = unique(data.frame(whole[c("specialty", "stage")], weight = w)), kish = kish(w),
  range = range(w) / mean(w),
  shares = list("status left" = weighted_share("status", "left"), "m.failed 5" = weighted_share("m.failed", "5"), "own 7" = weighted_share("own", "7")),
  means = sapply(c("m.failed", "own", "years", "stigma"), weighted_mean, simplify = FALSE),
  none_and_all = list(none = at_an_end(kish(w)$n, FALSE), all = at_an_end(kish(w)$n, TRUE)))
given <- svydesign(ids = ~1, weights = w, data = whole)  # the same weights as given: no variance is claimed for raking
raked <- given
weighted$given <- list(
  shares = list("status left" = weighted_share("status", "left"), "m.failed 5" = weighted_share("m.failed", "5"), "own 7" = weighted_share("own", "7")),
  means = sapply(c("m.failed", "own", "years", "stigma"), weighted_mean, simplify = FALSE),
  rao_scott = list(rao_scott("status", "specialty"), rao_scott("status", "m.failed"), rao_scott("stage", "specialty")))

# More figures of weights as given: the ends of scales, net figures, options, quantiles, groups, differences within and
# between groups, tables with their residuals, and the same among those who left. Degrees of freedom are those of a subset:
# its responses less one.
of_rows <- function(keep) subset(given, keep)
of_values <- function(x, keep = rep(TRUE, nrow(whole))) {
  keep <- keep & !is.na(x); sub <- given; sub$variables$x <- x; sub <- subset(sub, keep)
  m <- svymean(~x, sub); q <- svyquantile(~x, sub, c(.25, .5, .75), qrule = "school", ci = FALSE)
  list(n = sum(keep), mean = as.numeric(m), error = as.numeric(SE(m)), interval = as.numeric(confint(m, df = degf(sub))),
       sd = sqrt(as.numeric(svyvar(~x, sub))), quantiles = as.numeric(q$x), effective = kish(weights(sub))$n)
}
of_share <- function(hit, keep) {
  keep <- keep & !is.na(hit); sub <- given; sub$variables$hit <- as.numeric(hit); sub <- subset(sub, keep)
  at <- svyciprop(~hit, sub, method = "xlogit"); m <- svymean(~hit, sub)  # as logit, but in closed form
  list(n = sum(keep), share = as.numeric(m), interval = as.numeric(attr(at, "ci")), error = as.numeric(SE(m)))
}
everyone <- rep(TRUE, nrow(whole)); of_left <- !is.na(whole$status) & whole$status == "left"
ticked <- function(code) sapply(strsplit(whole$reasons, " "), function(each) if (all(is.na(each))) NA else code %in% each)
hybrid <- function(p, l, q, k, phi = 0) c(
  p - q - sqrt((p - l[1])^2 - 2 * phi * (p - l[1]) * (k[2] - q) + (k[2] - q)^2),
  p - q + sqrt((l[2] - p)^2 - 2 * phi * (l[2] - p) * (q - k[1]) + (q - k[1])^2))
weighted_difference <- function(code, name, group, one) {
  x <- whole[[name]]; g <- whole[[group]]; keep <- !is.na(x) & !is.na(g)
  a <- of_share(x == code, keep & g == one); b <- of_share(x == code, keep & g != one)
  sub <- given; sub$variables$hit <- ifelse(x == code, "yes", "no"); sub$variables$g <- ifelse(g == one, "in", "out")
  sub <- subset(sub, keep); f <- svychisq(~hit + g, sub, statistic = "F")
  sub$variables$hit <- as.numeric(sub$variables$hit == "yes")
  both <- svyby(~hit, ~g, sub, svymean, covmat = TRUE)
  list(name = name, code = code, group = group, one = one, difference = a$share - b$share, error = as.numeric(SE(svycontrast(both, c(1, -1)))),
       interval = hybrid(a$share, a$interval, b$share, b$interval), f = unname(f$statistic), df = unname(f$parameter), p = unname(f$p.value))
}
weighted_groups <- function(name, group) {
  x <- whole[[name]]; g <- whole[[group]]; keep <- !is.na(x) & !is.na(g); levels <- sort(unique(g[keep]))
  found <- sapply(levels, function(level) of_values(x, keep & g == level), simplify = FALSE)
  v <- sapply(found, function(each) each$error^2); n <- sapply(found, function(each) each$n); m <- sapply(found, function(each) each$mean)
  k <- length(levels); omega <- 1 / v; at <- omega / sum(omega); spread <- sum((1 - at)^2 / (n - 1)) / (k^2 - 1)
  wald <- sum(omega * (m - sum(at * m))^2); f <- wald / (k - 1) / (1 + 2 * (k - 2) * spread); within <- 1 / (3 * spread)
  sub <- given; sub$variables$x <- x; sub$variables$g <- factor(g); sub <- subset(sub, keep); fit <- svyglm(x ~ g, sub)
  pairs <- combn(levels, 2, simplify = FALSE)
  tests <- lapply(pairs, function(pair) {
    two <- subset(sub, g %in% pair); two$variables$g <- factor(as.character(two$variables$g), levels = rev(pair))
    t <- svyttest(x ~ g, two); e <- v[pair]
    df <- sum(e)^2 / sum(e^2 / (n[pair] - 1)); d <- unname(m[pair[1]] - m[pair[2]])
    list(pair = pair, difference = d, error = sqrt(sum(e)), svyttest = unname(t$statistic), df = df, p = 2 * pt(-abs(d / sqrt(sum(e))), df),
         interval = d + c(-1, 1) * qt(.975, df) * sqrt(sum(e)))
  })
  holm <- p.adjust(sapply(tests, function(each) each$p), "holm")
  list(groups = found, whole = of_values(x, keep), wald = as.numeric(regTermTest(fit, ~g)$Ftest), wald_by_hand = wald / (k - 1),
       f = list(statistic = f, df = c(k - 1, within), p = pf(f, k - 1, within, lower.tail = FALSE)),
       pairs = lapply(seq_along(tests), function(i) c(tests[[i]], list(holm = holm[i]))))
}
weighted_table <- function(row, column, keep = everyone) {
  keep <- keep & !is.na(whole[[row]]) & !is.na(whole[[column]])
  sub <- given; sub$variables$r <- whole[[row]]; sub$variables$c <- whole[[column]]; sub <- subset(sub, keep)
  table <- svytable(~r + c, sub); share <- table / sum(table); f <- svychisq(~r + c, sub, statistic = "F")
  product <- outer(rowSums(share), colSums(share)); w <- weights(sub)
  residual <- share
  for (i in rownames(share)) for (j in colnames(share)) {
    z <- (sub$variables$r == i & sub$variables$c == j) - share[i, j] - colSums(share)[j] * ((sub$variables$r == i) - rowSums(share)[i]) -
      rowSums(share)[i] * ((sub$variables$c == j) - colSums(share)[j])
    sub$variables$z <- as.numeric(z); residual[i, j] <- (share[i, j] - product[i, j]) / as.numeric(SE(svymean(~z, sub)))
  }
  n <- length(w)
  list(row = row, column = column, rows = rownames(share), columns = colnames(share), counts = unclass(table(sub$variables$r, sub$variables$c)),
       shares = unclass(share), residuals = unclass(residual), f = unname(f$statistic), df = unname(f$parameter), p = unname(f$p.value),
       v = sqrt(sum((share - product)^2 / product) / (min(dim(share)) - 1)))
}
both <- !is.na(whole$own) & !is.na(whole$seen)
a <- of_share(whole$own >= 5, both); b <- of_share(whole$seen >= 5, both)
two <- given; two$variables$a <- as.numeric(whole$own >= 5); two$variables$b <- as.numeric(whole$seen >= 5); two <- subset(two, both)
v <- vcov(svymean(~a + b, two)); joint_share <- as.numeric(svymean(~I(a * b), two))
apart <- joint_share - a$share * b$share; phi <- v[1, 2] / sqrt(v[1, 1] * v[2, 2])
phi <- phi * (if (apart > 0) max(1 - 1 / (2 * kish(weights(two))$n * apart), 0) else 1)
weighted$given <- c(weighted$given, list(
  values = sapply(c("m.failed", "own", "years", "stigma", "hours"), function(name) of_values(data[bases$complete, name]), simplify = FALSE),
  values_of_left = sapply(c("m.failed", "own", "years", "stigma"), function(name) of_values(data[bases$complete, name], of_left), simplify = FALSE),
  all_shares = lapply(list(everyone = everyone, left = of_left), function(keep) sapply(c("specialty", "stage", "cause", "m.failed", "own"), function(name)
    sapply(codes[[name]], function(code) of_share(whole[[name]] == code, keep), simplify = FALSE) |> setNames(codes[[name]]), simplify = FALSE)),
  top_two = sapply(c("m.failed", "own"), function(name) of_share(whole[[name]] %in% tail(codes[[name]], 2), !is.na(whole[[name]])), simplify = FALSE),
  bottom_two = sapply(c("m.failed", "own"), function(name) of_share(whole[[name]] %in% head(codes[[name]], 2), !is.na(whole[[name]])), simplify = FALSE),
  net = of_values(ifelse(whole$recommend >= 9, 1, ifelse(whole$recommend <= 6, -1, 0))),
  reasons = sapply(c("workload", "family", "never"), function(code) of_share(ticked(code), everyone), simplify = FALSE),
  differences = list(weighted_difference("5", "m.failed", "status", "left"), weighted_difference("yes", "part_time", "cause", "burnout"),
                     weighted_difference("e", "country", "status", "left"), weighted_difference("primary", "specialty", "status", "left")),
  groups = list("stigma by specialty" = weighted_groups("stigma", "specialty"), "own by stage" = weighted_groups("own", "stage"),
                "years by cause" = weighted_groups("years", "cause")),
  within = list(mean = of_values(whole$own - whole$seen), difference = a$share - b$share, interval = hybrid(a$share, a$interval, b$share, b$interval, phi)),
  crosstabs = list(weighted_table("status", "specialty"), weighted_table("cause", "status"), weighted_table("stage", "specialty"),
                   weighted_table("cause", "m.failed"), weighted_table("stage", "cause", of_left))))

# --- vignettes: means by level, and average marginal component effects, clustered by respondent -------------------
cases[] <- lapply(cases, known)
cases$right <- as.numeric(cases$right); cases$position <- as.numeric(cases$position)
cases <- merge(cases, data[c("id", "disposition", "status", "cause")], by = "id")
cases <- cases[cases$disposition == "complete" & !is.na(cases$right), ]
cases$who <- factor(cases$who, c("doctor", "nurse")); cases$why <- factor(cases$why, c("pay", "rest", "visa"))
level_mean <- function(attribute, level) {
  own <- cases[cases[[attribute]] == level, ]
  m <- svymean(~right, svydesign(ids = ~id, weights = ~1, data = own)); g <- length(unique(own$id))
  list(mean = as.numeric(m), error = as.numeric(SE(m)), interval = as.numeric(confint(m, df = g - 1)), n = nrow(own), clusters = g)
}
levels_of <- function(attribute) sapply(levels(cases[[attribute]]), function(level) level_mean(attribute, level), simplify = FALSE)
effects <- function(rows, formula = right ~ who + why) {
  fit <- lm(formula, rows); v <- vcovCL(fit, cluster = rows$id, type = "HC1", cadjust = TRUE); g <- length(unique(rows$id))
  table <- coeftest(fit, vcov. = v, df = g - 1); bounds <- coefci(fit, vcov. = v, df = g - 1)
  list(names = rownames(table), effects = unname(table[, 1]), errors = unname(table[, 2]), t = unname(table[, 3]), p = unname(table[, 4]),
       intervals = unname(bounds), clusters = g, n = nrow(rows), covariance = unname(v))
}
joint <- function(rows, full, reduced) {
  fit <- lm(full, rows); test <- waldtest(fit, lm(reduced, rows), vcov = vcovCL(fit, cluster = rows$id, type = "HC1", cadjust = TRUE), test = "F")
  g <- length(unique(rows$id)); df <- -diff(test$Res.Df)
  list(f = test$F[2], df = abs(df), clusters = g, p = pf(test$F[2], abs(df), g - 1, lower.tail = FALSE))
}
experiment <- list(
  means = list(who = levels_of("who"), why = levels_of("why")), all = effects(cases), first = effects(cases[cases$position == 1, ]),
  why = joint(cases, right ~ who + why, right ~ who),
  by_status = effects(cases, right ~ (who + why) * status),
  interaction = joint(cases, right ~ (who + why) * status, right ~ who + why + status),
  holm = p.adjust(effects(cases)$p[-1], "holm"))

# --- the same, each respondent with the raking weight of above ---------------------------------------------------
cases$weight <- setNames(w, whole$id)[cases$id]
weighted_effects <- function(rows, formula = right ~ who + why) {
  fit <- lm(formula, rows, weights = weight); g <- length(unique(rows$id))
  v <- vcovCL(fit, cluster = rows$id, type = "HC1", cadjust = TRUE)
  table <- coeftest(fit, vcov. = v, df = g - 1); bounds <- coefci(fit, vcov. = v, df = g - 1)
  test <- waldtest(fit, lm(right ~ who, rows, weights = weight), vcov = v, test = "F")
  list(effects = unname(table[, 1]), errors = unname(table[, 2]), p = unname(table[, 4]), intervals = unname(bounds), clusters = g, n = nrow(rows),
       f = if (identical(formula, right ~ who + why)) test$F[2] else NULL)
}
experiment$weighted <- list(all = weighted_effects(cases), first = weighted_effects(cases[cases$position == 1, ]),
                            by_status = weighted_effects(cases, right ~ (who + why) * status))

versions <- c(list(R = paste(R.version$major, R.version$minor, sep = ".")),
              sapply(c("survey", "psych", "lavaan", "sandwich", "lmtest", "jsonlite"), function(name) as.character(packageVersion(name)), simplify = FALSE))
write_json(list(versions = versions, marginals = marginals, completion = completion, crosstabs = crosstabs,
                differences = list(difference("5", "m.failed", "status", "left"), difference("yes", "part_time", "cause", "burnout"),
                                   difference("e", "country", "status", "left"), difference("yes", "licensed", "status", "left")),
                groups = means, within = within, reliability = reliabilities, weighted = weighted, experiment = experiment),
           "reference.json", digits = NA, auto_unbox = TRUE, null = "null", na = "null", pretty = TRUE)
