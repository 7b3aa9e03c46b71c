SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.attempt (
    key character varying(64) DEFAULT ''::character varying NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    since bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.counter (
    name character varying(300) DEFAULT ''::character varying NOT NULL,
    taken bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.instrument (
    digest character varying(64) DEFAULT ''::character varying NOT NULL,
    survey character varying(200) DEFAULT ''::character varying NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    source text DEFAULT ''::text NOT NULL,
    first_served date DEFAULT CURRENT_DATE NOT NULL
);
CREATE TABLE public.migration (
    id integer NOT NULL,
    name character varying(200) DEFAULT ''::character varying NOT NULL,
    app_name character varying(200) DEFAULT ''::character varying NOT NULL,
    ran_on timestamp without time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);
CREATE SEQUENCE public.migration_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.migration_id_seq OWNED BY public.migration.id;
CREATE TABLE public.release (
    id integer NOT NULL,
    survey character varying(200) DEFAULT ''::character varying NOT NULL,
    number integer DEFAULT 0 NOT NULL,
    day date DEFAULT CURRENT_DATE NOT NULL,
    responses integer DEFAULT 0 NOT NULL,
    figures json DEFAULT '{}'::json NOT NULL
);
CREATE SEQUENCE public.release_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.release_id_seq OWNED BY public.release.id;
CREATE TABLE public.researcher (
    id integer NOT NULL,
    email character varying(254) DEFAULT ''::character varying NOT NULL,
    password character varying(255) DEFAULT NULL::character varying,
    added date DEFAULT CURRENT_DATE NOT NULL
);
CREATE SEQUENCE public.researcher_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.researcher_id_seq OWNED BY public.researcher.id;
CREATE TABLE public.response (
    id character varying(40) DEFAULT ''::character varying NOT NULL,
    survey character varying(200) DEFAULT ''::character varying NOT NULL,
    instrument character varying(64) DEFAULT ''::character varying NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    disposition character varying(20) DEFAULT 'open'::character varying NOT NULL,
    answers json DEFAULT '{}'::json NOT NULL,
    began date DEFAULT CURRENT_DATE NOT NULL,
    submitted date,
    minutes integer,
    receipt character varying(64) DEFAULT NULL::character varying,
    holds text
);
CREATE TABLE public.secret (
    name character varying(40) DEFAULT ''::character varying NOT NULL,
    value character varying(200) DEFAULT ''::character varying NOT NULL
);
CREATE TABLE public.sequence (
    survey character varying(200) DEFAULT ''::character varying NOT NULL,
    last bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.session (
    token_hash character varying(64) DEFAULT ''::character varying NOT NULL,
    researcher integer DEFAULT 0 NOT NULL,
    began bigint DEFAULT 0 NOT NULL,
    last_seen bigint DEFAULT 0 NOT NULL,
    expires bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.sign_in_link (
    token_hash character varying(64) DEFAULT ''::character varying NOT NULL,
    researcher integer DEFAULT 0 NOT NULL,
    expires bigint DEFAULT 0 NOT NULL
);
ALTER TABLE ONLY public.migration ALTER COLUMN id SET DEFAULT nextval('public.migration_id_seq'::regclass);
ALTER TABLE ONLY public.release ALTER COLUMN id SET DEFAULT nextval('public.release_id_seq'::regclass);
ALTER TABLE ONLY public.researcher ALTER COLUMN id SET DEFAULT nextval('public.researcher_id_seq'::regclass);
INSERT INTO public.counter VALUES ('place/7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 12);
INSERT INTO public.counter VALUES ('place/243b0b0bb302271f72225521017a2a57dc8dee68557b8c606f66b66e72fb4324', 2);
INSERT INTO public.counter VALUES ('quota/leaving/left', 7);
INSERT INTO public.instrument VALUES ('7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 'leaving', 1, 'title: Leaving the ward
privacy: anonymous
results: {show_to: everyone, floor: 3, release_every: 3}
scales:
  view: {1: A failure, 2: Neither, 3: Growth}
arms:
  cause: {burnout: exhaustion, visa: a visa that ran out}
screen_out:
  not_a_doctor: {when: outside == "no", text: Thank you.}
quotas:
  left: {when: status == "left", most: 9, text: We have heard from as many who left as we can.}
sections:
  you:
    title: You
    items:
      status:
        type: single_choice
        ask: Where are you now?
        required: true
        options: {practising: In practice, left: Left, other: {label: Elsewhere, please_say: true}}
      outside:
        type: single_choice
        ask: Are you a doctor?
        options: {"yes": "Yes", "no": "No"}
      reasons:
        type: multiple_choice
        ask: What made you think of leaving?
        options: {hours: Hours, pay: Pay, other: {label: Something else, please_say: true}, none: {label: Nothing, exclusive: true}}
      years: {type: number, ask: How many years?, range: [0, 60], decline: true}
  posts:
    title: "Post {entry.number}"
    roster: {most: 3, entry: post, add: Was there another post?}
    items:
      post: {type: text, ask: What was the post?}
  seen:
    title: How it is seen
    items:
      seen: {type: matrix, ask: How is it seen by, scale: view, statements: {peers: Peers, family: Family}, shuffle: true}
      stay: {type: ranking, ask: What would keep you?, top: 2, options: {hours: Fewer hours, pay: Better pay, rota: A say}}
      cause_seen: {type: rating, ask: "And because of {cause}?", scale: view}
  cases:
    title: A case
    items:
      move:
        type: vignette
        text: "{who} moves on {why}."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}, why: {growth: to grow, health: for health}}
        each_sees: 2
        one_of_each: who
        design: blocks
        blocks: 2
        ratings: {moved: {ask: How do you see it?, scale: view}}
  last:
    title: At last
    items:
      words: {type: text, ask: In your words?}
scores:
  stigma: {label: Stigma, mean: [seen.peers, seen.family], at_least: 1}
', '2026-11-27');
INSERT INTO public.instrument VALUES ('243b0b0bb302271f72225521017a2a57dc8dee68557b8c606f66b66e72fb4324', 'leaving', 2, 'title: Leaving the ward
privacy: anonymous
results: {show_to: everyone, floor: 3, release_every: 3}
scales:
  view: {1: A failure, 2: Neither, 3: Growth}
arms:
  cause: {burnout: exhaustion, visa: a visa that ran out}
screen_out:
  not_a_doctor: {when: outside == "no", text: Thank you.}
quotas:
  left: {when: status == "left", most: 9, text: We have heard from as many who left as we can.}
sections:
  you:
    title: You
    items:
      status:
        type: single_choice
        ask: Where are you now?
        required: true
        options: {practising: In practice, left: Left, other: {label: Elsewhere, please_say: true}}
      outside:
        type: single_choice
        ask: Are you a doctor?
        options: {"yes": "Yes", "no": "No"}
      reasons:
        type: multiple_choice
        ask: What made you think of leaving?
        options: {hours: Hours, pay: Pay, other: {label: Something else, please_say: true}, none: {label: Nothing, exclusive: true}}
      years: {type: number, ask: How many years in practice?, range: [0, 60], decline: true}
  posts:
    title: "Post {entry.number}"
    roster: {most: 3, entry: post, add: Was there another post?}
    items:
      post: {type: text, ask: What was the post?}
  seen:
    title: How it is seen
    items:
      seen: {type: matrix, ask: How is it seen by, scale: view, statements: {peers: Peers, family: Family}, shuffle: true}
      stay: {type: ranking, ask: What would keep you?, top: 2, options: {hours: Fewer hours, pay: Better pay, rota: A say, leave: Longer leave}}
      cause_seen: {type: rating, ask: "And because of {cause}?", scale: view}
  cases:
    title: A case
    items:
      move:
        type: vignette
        text: "{who} moves on {why}."
        attributes: {who: {doctor: A doctor, lawyer: A lawyer}, why: {growth: to grow, health: for health}}
        each_sees: 2
        one_of_each: who
        design: blocks
        blocks: 2
        ratings: {moved: {ask: How do you see it?, scale: view}}
  last:
    title: At last
    items:
      words: {type: text, ask: In your words?}
scores:
  stigma: {label: Stigma, mean: [seen.peers, seen.family], at_least: 1}
', '2026-11-27');
INSERT INTO public.migration VALUES (1, '2026-11-22T13:20:00:000000', 'responses', '2026-11-27 05:10:00.174979');
INSERT INTO public.migration VALUES (2, '2026-11-22T13:20:00:000001', 'responses', '2026-11-27 05:10:00.181151');
INSERT INTO public.migration VALUES (3, '2026-11-29T09:00:00:000000', 'responses', '2026-11-27 05:10:00.183702');
INSERT INTO public.migration VALUES (4, '2026-11-29T09:00:00:000001', 'responses', '2026-11-27 05:10:00.18506');
INSERT INTO public.release VALUES (1, 'leaving', 1, '2026-11-27', 10, '{"responses": 10, "shown": 9, "items": [{"id": "status", "item": "status", "section": "you", "type": "single_choice", "ask": "Where are you now?", "parts": [{"name": "status", "label": "", "kind": "choice", "base": 9, "cells": [{"code": "practising", "label": "In practice", "share": null, "spans": 1}, {"code": "left", "label": "Left", "share": 60, "spans": 1}, {"code": "other", "label": "Elsewhere", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "outside", "item": "outside", "section": "you", "type": "single_choice", "ask": "Are you a doctor?", "parts": [{"name": "outside", "label": "", "kind": "choice", "base": 9, "cells": [{"code": "yes", "label": "Yes", "share": null, "spans": 1}, {"code": "no", "label": "No", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "reasons", "item": "reasons", "section": "you", "type": "multiple_choice", "ask": "What made you think of leaving?", "parts": [{"name": "reasons", "label": "", "kind": "flags", "base": 9, "cells": [{"code": "hours", "label": "Hours", "share": 30, "spans": 1}, {"code": "pay", "label": "Pay", "share": 60, "spans": 1}, {"code": "other", "label": "Something else", "share": 30, "spans": 1}, {"code": "none", "label": "Nothing", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "years", "item": "years", "section": "you", "type": "number", "ask": "How many years in practice?", "parts": [{"name": "years", "label": "", "kind": "number", "base": 0, "cells": [], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "post_1", "item": "post_1", "section": "posts_1", "type": "text", "ask": "What was the post?", "parts": [{"name": "post_1", "label": "", "kind": "text", "base": 0, "cells": [], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "posts_more_1", "item": "posts_more_1", "section": "posts_1", "type": "single_choice", "ask": "Was there another post?", "parts": [{"name": "posts_more_1", "label": "", "kind": "choice", "base": 9, "cells": [{"code": "yes", "label": "Yes", "share": null, "spans": 1}, {"code": "no", "label": "No", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "post_2", "item": "post_2", "section": "posts_2", "type": "text", "ask": "What was the post?", "parts": [{"name": "post_2", "label": "", "kind": "text", "base": 0, "cells": [], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "posts_more_2", "item": "posts_more_2", "section": "posts_2", "type": "single_choice", "ask": "Was there another post?", "parts": [{"name": "posts_more_2", "label": "", "kind": "choice", "base": 0, "cells": [], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "post_3", "item": "post_3", "section": "posts_3", "type": "text", "ask": "What was the post?", "parts": [{"name": "post_3", "label": "", "kind": "text", "base": 0, "cells": [], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "seen", "item": "seen", "section": "seen", "type": "matrix", "ask": "How is it seen by", "parts": [{"name": "seen.peers", "label": "Peers", "kind": "choice", "base": 9, "cells": [{"code": 1, "label": "A failure", "share": null, "spans": 1}, {"code": 2, "label": "Neither", "share": null, "spans": 1}, {"code": 3, "label": "Growth", "share": null, "spans": 1}], "mean": null, "column": ""}, {"name": "seen.family", "label": "Family", "kind": "choice", "base": 9, "cells": [{"code": 1, "label": "A failure", "share": null, "spans": 1}, {"code": 2, "label": "Neither", "share": null, "spans": 1}, {"code": 3, "label": "Growth", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "stay", "item": "stay", "section": "seen", "type": "ranking", "ask": "What would keep you?", "parts": [{"name": "stay", "label": "", "kind": "choice", "base": 9, "cells": [{"code": "hours", "label": "Fewer hours", "share": null, "spans": 1}, {"code": "pay", "label": "Better pay", "share": null, "spans": 1}, {"code": "rota", "label": "A say", "share": null, "spans": 1}, {"code": "leave", "label": "Longer leave", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "ranks", "unit": null}, {"id": "cause_seen", "item": "cause_seen", "section": "seen", "type": "rating", "ask": "And because of {cause}?", "parts": [{"name": "cause_seen", "label": "", "kind": "choice", "base": 9, "cells": [{"code": 1, "label": "A failure", "share": null, "spans": 1}, {"code": 2, "label": "Neither", "share": null, "spans": 1}, {"code": 3, "label": "Growth", "share": null, "spans": 1}], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "move.moved", "item": "move.moved", "section": "cases_1", "type": "vignette", "ask": "How do you see it?", "parts": [], "withheld": "all", "unit": null}, {"id": "words", "item": "words", "section": "last", "type": "text", "ask": "In your words?", "parts": [{"name": "words", "label": "", "kind": "text", "base": 9, "cells": [], "mean": null, "column": ""}], "withheld": "", "unit": null}, {"id": "stigma", "item": "stigma", "section": "", "type": "score", "ask": "Stigma", "parts": [], "withheld": "all", "unit": null}, {"id": "years_v1", "item": "years", "section": "you", "type": "number", "ask": "How many years?", "parts": [{"name": "years_v1", "label": "", "kind": "number", "base": 9, "cells": [{"code": "0\u201319", "label": "0\u201319", "share": null, "spans": 1}, {"code": "20\u201339", "label": "20\u201339", "share": null, "spans": 1}, {"code": "40\u201360", "label": "40\u201360", "share": null, "spans": 1}], "mean": 5.0, "column": ""}], "withheld": "", "unit": null}], "views": {"status": [{"base": 10, "counts": {"practising": 4, "left": 6, "other": 0}, "bases": {"practising": 10, "left": 10, "other": 10}, "held": ["other", "practising"], "together": []}], "outside": [{"base": 10, "counts": {"yes": 10, "no": 0}, "bases": {"yes": 10, "no": 10}, "held": ["no", "yes"], "together": []}], "reasons": [{"base": 10, "counts": {"hours": 3, "pay": 6, "other": 3, "none": 1}, "bases": {"hours": 10, "pay": 10, "other": 10, "none": 10}, "held": ["none"], "together": []}], "posts_more_1": [{"base": 10, "counts": {"yes": 0, "no": 10}, "bases": {"yes": 10, "no": 10}, "held": ["no", "yes"], "together": []}], "seen.peers": [{"base": 10, "counts": {"1": 10, "2": 0, "3": 0}, "bases": {"1": 10, "2": 10, "3": 10}, "held": ["1", "2", "3"], "together": []}], "seen.family": [{"base": 10, "counts": {"1": 0, "2": 0, "3": 10}, "bases": {"1": 10, "2": 10, "3": 10}, "held": ["1", "2", "3"], "together": []}], "stay": [{"base": 10, "counts": {"hours": 0, "pay": 10, "rota": 0, "leave": 0}, "bases": {"hours": 10, "pay": 10, "rota": 10, "leave": 10}, "held": ["hours", "leave", "pay", "rota"], "together": []}], "cause_seen": [{"base": 10, "counts": {"1": 0, "2": 10, "3": 0}, "bases": {"1": 10, "2": 10, "3": 10}, "held": ["1", "2", "3"], "together": []}], "words": [{"base": 10, "counts": {}, "bases": {}, "held": [], "together": []}], "years_v1": [{"base": 9, "counts": {"0\u201319": 9, "20\u201339": 0, "40\u201360": 0}, "bases": {"0\u201319": 9, "20\u201339": 9, "40\u201360": 9}, "held": ["0\u201319", "20\u201339", "40\u201360"], "together": []}]}}');
INSERT INTO public.researcher VALUES (1, 'owner', NULL, '2026-11-27');
INSERT INTO public.response VALUES ('yYOOvdlytqcRwC1N_ECF', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 4, 'open', '{"cause":"visa","seen~order":["family","peers"],"move_block":1,"move_who_1":"doctor","move_why_1":"health","move_who_2":"lawyer","move_why_2":"growth","status":"practising","outside":"yes","reasons":["hours","other"],"reasons.other":"A better offer","years":12,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2}', '2026-11-27', NULL, NULL, NULL, NULL);
INSERT INTO public.response VALUES ('SwIzTdyeozGpdHIK6mxd', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 6, 'open', '{"cause":"burnout","seen~order":["peers","family"],"move_block":0,"move_who_1":"lawyer","move_why_1":"health","move_who_2":"doctor","move_why_2":"growth","status":"left","outside":"yes","reasons":{"missing":"skipped"},"years":{"missing":"skipped"}}', '2026-11-27', NULL, NULL, NULL, 'left');
INSERT INTO public.response VALUES ('bQhsjJo4GJ1Xl8uZbzWL', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 14, 'submitted', '{"cause":"burnout","seen~order":["peers","family"],"move_block":0,"move_who_1":"lawyer","move_why_1":"health","move_who_2":"doctor","move_why_2":"growth","status":"left","outside":"yes","reasons":["hours","other"],"reasons.other":"A better offer","years":12,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, 'f3abfc436a14e329e608aec1db7e65a8b9b44ad29d1fbac1676bb038d57a4ec6', 'left');
INSERT INTO public.response VALUES ('PhYLaIre2YpvRZYqmicV', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 17, 'screened_out', '{"cause":"visa","seen~order":["family","peers"],"move_block":1,"move_who_1":"lawyer","move_why_1":"growth","move_who_2":"doctor","move_why_2":"health","status":"other","status.other":"Abroad","outside":"no","reasons":{"missing":"skipped"},"years":{"missing":"skipped"}}', '2026-11-27', '2026-11-27', 0, '4eb8e5e16ad08c5d889e27d8e47fa0ffb630529d8d5d1d717ae0fdfff8ef4c38', NULL);
INSERT INTO public.response VALUES ('aoVyE6XRXpLcaITGNW4Z', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 25, 'submitted', '{"cause":"visa","seen~order":["family","peers"],"move_block":1,"move_who_1":"lawyer","move_why_1":"growth","move_who_2":"doctor","move_why_2":"health","status":"practising","outside":"yes","reasons":["pay"],"years":0,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, '0f87f841318d0d35854968ed079d6bef8294a7f8637524ec02547c07bb9fcfad', NULL);
INSERT INTO public.response VALUES ('fM_GyGtZoE6b3dnWk2Ii', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 33, 'submitted', '{"cause":"burnout","seen~order":["peers","family"],"move_block":0,"move_who_1":"lawyer","move_why_1":"health","move_who_2":"doctor","move_why_2":"growth","status":"left","outside":"yes","reasons":["pay"],"years":1,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, '54f35c4731f5098b4bf686b8074be8400011fedc16a567217661b119f6ff79c9', 'left');
INSERT INTO public.response VALUES ('x_4qVrYooIb6dyelEdzS', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 41, 'submitted', '{"cause":"burnout","seen~order":["family","peers"],"move_block":0,"move_who_1":"lawyer","move_why_1":"health","move_who_2":"doctor","move_why_2":"growth","status":"practising","outside":"yes","reasons":["pay"],"years":2,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, '6f890171f2f059979d3d5e0c62d39b17e2595e043fc1ce94a935e9e1752731a7', NULL);
INSERT INTO public.response VALUES ('j1-K-1wOeKLIrvbw3QIC', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 49, 'submitted', '{"cause":"visa","seen~order":["family","peers"],"move_block":1,"move_who_1":"doctor","move_why_1":"health","move_who_2":"lawyer","move_why_2":"growth","status":"left","outside":"yes","reasons":["none"],"years":3,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, 'c1bf91f295ce6c3fc8c703e36c8cdcd94fc1e126494f64b7dca496e2054a90f0', 'left');
INSERT INTO public.response VALUES ('hbPn5P5lBNFv-Qg4xYrp', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 57, 'submitted', '{"cause":"visa","seen~order":["family","peers"],"move_block":1,"move_who_1":"doctor","move_why_1":"health","move_who_2":"lawyer","move_why_2":"growth","status":"practising","outside":"yes","reasons":["pay"],"years":4,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, '33e8d35014c33e192104ea849344d717799d59259a70fd0933fd80fbaec716b5', NULL);
INSERT INTO public.response VALUES ('ih8ecJg_AJ15x_MtPwdn', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 65, 'submitted', '{"cause":"burnout","seen~order":["peers","family"],"move_block":0,"move_who_1":"doctor","move_why_1":"growth","move_who_2":"lawyer","move_why_2":"health","status":"left","outside":"yes","reasons":["pay"],"years":5,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, '9cfcd55ba5bd78e8252c2d58f392614b7768dd0c91b116c10dbf0aa159c5b470', 'left');
INSERT INTO public.response VALUES ('GHlBM7GZYpr8-nDwBvXD', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 73, 'submitted', '{"cause":"visa","seen~order":["peers","family"],"move_block":1,"move_who_1":"lawyer","move_why_1":"growth","move_who_2":"doctor","move_why_2":"health","status":"practising","outside":"yes","reasons":["pay"],"years":6,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, '069f9a555557195850124ac5cf4c4ddfec84aafd3c149033eddff2c0f9e3b446', NULL);
INSERT INTO public.response VALUES ('LUd5JnnUIfLbGv_3tn0C', 'leaving', '7bfc8858139d5e465da7a24638d320cca4300648fc4cd871a01054f5442463f4', 82, 'withdrawn', '{}', '2026-11-27', NULL, NULL, NULL, NULL);
INSERT INTO public.response VALUES ('iYyGiW34U8eI5j0sqZap', 'leaving', '243b0b0bb302271f72225521017a2a57dc8dee68557b8c606f66b66e72fb4324', 90, 'submitted', '{"cause":"visa","seen~order":["family","peers"],"move_block":0,"move_who_1":"lawyer","move_why_1":"health","move_who_2":"doctor","move_why_2":"growth","status":"left","outside":"yes","reasons":["hours","other"],"reasons.other":"A better offer","years":12,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2,"move_moved_1":3,"move_moved_2":3,"words":"José & <b>"}', '2026-11-27', '2026-11-27', 0, 'e6e7940b349ff37b4732bbf53eeedd3e87c031144af1b022eb1c22b3cc2ac520', 'left');
INSERT INTO public.response VALUES ('OncMWuXwyJ12-s99MU0V', 'leaving', '243b0b0bb302271f72225521017a2a57dc8dee68557b8c606f66b66e72fb4324', 94, 'open', '{"cause":"burnout","seen~order":["peers","family"],"move_block":1,"move_who_1":"doctor","move_why_1":"health","move_who_2":"lawyer","move_why_2":"growth","status":"left","outside":"yes","reasons":["hours","other"],"reasons.other":"A better offer","years":12,"post_1":{"missing":"skipped"},"posts_more_1":"no","seen.peers":1,"seen.family":3,"stay":["pay","hours"],"cause_seen":2}', '2026-11-27', NULL, NULL, NULL, 'left');
INSERT INTO public.secret VALUES ('server', 'caf6d8c776090ee9a348bd77949399996b1b2d6dac89a46f6d7ddd95c66bf7b0');
INSERT INTO public.sequence VALUES ('leaving', 94);
INSERT INTO public.sign_in_link VALUES ('c24912eb8a7f93cd8ebedbfd07d591e0c0ab0a2c4253a5ce87572d045cfde25c', 1, 1795842600);
SELECT pg_catalog.setval('public.migration_id_seq', 4, true);
SELECT pg_catalog.setval('public.release_id_seq', 1, true);
SELECT pg_catalog.setval('public.researcher_id_seq', 1, true);
ALTER TABLE ONLY public.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.instrument
    ADD CONSTRAINT instrument_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.release
    ADD CONSTRAINT release_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.researcher
    ADD CONSTRAINT researcher_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.response
    ADD CONSTRAINT response_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.secret
    ADD CONSTRAINT secret_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.sequence
    ADD CONSTRAINT sequence_pkey PRIMARY KEY (survey);
ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (token_hash);
ALTER TABLE ONLY public.sign_in_link
    ADD CONSTRAINT sign_in_link_pkey PRIMARY KEY (token_hash);
CREATE UNIQUE INDEX instrument_survey_version ON public.instrument USING btree (survey, version);
CREATE UNIQUE INDEX release_survey_number ON public.release USING btree (survey, number);
CREATE UNIQUE INDEX researcher_email ON public.researcher USING btree (email);
CREATE INDEX response_holding ON public.response USING btree (survey, began) WHERE ((holds IS NOT NULL) AND ((disposition)::text = 'open'::text));
CREATE UNIQUE INDEX response_receipt ON public.response USING btree (receipt) WHERE (receipt IS NOT NULL);
CREATE INDEX response_survey_disposition ON public.response USING btree (survey, disposition);
CREATE INDEX response_survey_id ON public.response USING btree (survey, id);
CREATE UNIQUE INDEX response_survey_seq ON public.response USING btree (survey, seq);
CREATE INDEX session_researcher ON public.session USING btree (researcher);
CREATE INDEX sign_in_link_researcher ON public.sign_in_link USING btree (researcher);
