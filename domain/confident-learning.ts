/**
 * Confident learning (Northcutt, Jiang, Chuang: Confident Learning, JAIR 2021, section 3): which labels the others make
 * unlikely.
 */
export interface ConfidentJoint {
  /** Per class: the mean probability of the class over the rows that are labelled with it; NaN of a class without rows. */
  thresholds: number[]
  /** Rows by given label and by the label that they are confidently of; those of no confident label are in none. */
  joint: number[][]
  /** Rows whose confident label is another than the given one, most unlikely first. */
  unlikely: { row: number; label: number; likelier: number; margin: number }[]
}

/**
 * @param labels the given class of each row, from 0
 * @param probabilities of each row and class, from a model that has not seen the row; each row sums to 1
 */
export function confidentJoint(
  labels: readonly number[],
  probabilities: readonly (readonly number[])[],
): ConfidentJoint {
  const classes = probabilities[0]?.length ?? 0
  const sums = new Array<number>(classes).fill(0)
  const counts = new Array<number>(classes).fill(0)
  for (const [row, label] of labels.entries()) {
    sums[label] = (sums[label] as number) + (probabilities[row]?.[label] ?? 0)
    counts[label] = (counts[label] as number) + 1
  }
  const thresholds = sums.map((sum, at) => sum / (counts[at] as number))
  const joint = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  const unlikely: ConfidentJoint['unlikely'] = []
  for (const [row, label] of labels.entries()) {
    const of = probabilities[row] ?? []
    let best = -1
    for (let at = 0; at < classes; at++)
      if (
        (of[at] as number) >= (thresholds[at] as number) &&
        (best < 0 || (of[at] as number) > (of[best] as number))
      )
        best = at
    if (best < 0) continue
    const counted = joint[label] as number[]
    counted[best] = (counted[best] as number) + 1
    if (best !== label)
      unlikely.push({ row, label, likelier: best, margin: (of[best] as number) - (of[label] as number) })
  }
  unlikely.sort((a, b) => b.margin - a.margin || a.row - b.row)
  return { thresholds, joint, unlikely }
}

const wordsOf = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{N}']+/gu) ?? []

/**
 * Class probabilities of each text by a model that was not shown it: multinomial naive Bayes over words with add-one
 * smoothing (Manning, Raghavan, Schütze: Introduction to Information Retrieval, chapter 13), learned from the texts of
 * all other folds.
 *
 * @param folds which fold each text is in: texts that belong together share one
 */
export function outOfSample(
  texts: readonly string[],
  labels: readonly number[],
  folds: readonly number[],
  classes: number,
): number[][] {
  const words = texts.map(wordsOf)
  const known = new Set(words.flat()).size
  const perFold = new Map<number, { words: Map<string, number>[]; totals: number[]; rows: number[] }>()
  const empty = () => ({
    words: Array.from({ length: classes }, () => new Map<string, number>()),
    totals: new Array<number>(classes).fill(0),
    rows: new Array<number>(classes).fill(0),
  })
  const all = empty()
  for (const [row, list] of words.entries()) {
    const label = labels[row] as number
    const fold = perFold.get(folds[row] as number) ?? empty()
    perFold.set(folds[row] as number, fold)
    for (const counts of [all, fold]) {
      counts.rows[label] = (counts.rows[label] as number) + 1
      counts.totals[label] = (counts.totals[label] as number) + list.length
      const own = counts.words[label] as Map<string, number>
      for (const word of list) own.set(word, (own.get(word) ?? 0) + 1)
    }
  }
  return words.map((list, row) => {
    const held = perFold.get(folds[row] as number) ?? empty()
    const rest = (at: number) => (all.rows[at] as number) - (held.rows[at] as number)
    const rows = Array.from({ length: classes }, (_, at) => rest(at)).reduce((a, b) => a + b, 0)
    const logs = Array.from({ length: classes }, (_, at) => {
      const total = (all.totals[at] as number) - (held.totals[at] as number) + known
      let log = Math.log((rest(at) + 1) / (rows + classes))
      for (const word of list) {
        const seen = (all.words[at]?.get(word) ?? 0) - (held.words[at]?.get(word) ?? 0)
        log += Math.log((seen + 1) / total)
      }
      return log
    })
    const most = Math.max(...logs)
    const weights = logs.map(log => Math.exp(log - most))
    const sum = weights.reduce((a, b) => a + b, 0)
    return weights.map(weight => weight / sum)
  })
}
