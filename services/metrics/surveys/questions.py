"""The standard questions: statements that residents agree or disagree with, from 1 (not at all) to 6 (fully).

The scale is bedrekommune's, so that the means stand beside imported ones. The words are in the catalogue,
`survey.question.<id>`; an id is never used for another question, so that years can be compared.
"""

QUESTIONS = ("trust", "heard", "information", "contact", "answers", "service", "respect", "satisfied")
LOWEST, HIGHEST = 1, 6
SCALE = tuple(range(LOWEST, HIGHEST + 1))
