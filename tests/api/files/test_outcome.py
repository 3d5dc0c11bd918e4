from api.files import outcome


def test_a_long_value_is_cut_and_kept_on_one_line():
    reject = outcome.Reject("a.csv", 2, "name", "x\ny" * 100, "est trop long")

    said = outcome.sentence(reject)

    assert "\n" not in said
    assert "…" in said
    assert len(said) < 150


def test_a_file_refused_whole_is_told_without_line_or_column():
    reject = outcome.Reject("a.csv", None, None, "", "le fichier est vide")

    assert outcome.sentence(reject) == "a.csv : le fichier est vide."


def test_a_remark_names_one_line_then_five_then_counts_the_others():
    said = [
        outcome.remark_sentence(outcome.Remark("a.csv", None, "à revoir", tuple(range(2, last))))
        for last in (2, 3, 7, 8, 9)
    ]

    assert said == [
        "a.csv : à revoir.",
        "a.csv : à revoir (ligne 2).",
        "a.csv : à revoir (lignes 2, 3, 4, 5, 6).",
        "a.csv : à revoir (lignes 2, 3, 4, 5, 6 et 1 autre).",
        "a.csv : à revoir (lignes 2, 3, 4, 5, 6 et 2 autres).",
    ]
