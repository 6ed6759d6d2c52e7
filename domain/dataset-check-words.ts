/** What the pages say of checks, without the schemas that a browser need not load. */
export interface CheckWords {
  label: string
  /** What it looks for, in a sentence. */
  means: string
  level: 'blocking' | 'warning'
  /** What its limit counts. */
  limit: string
}

export const levelWords = { blocking: 'Blocks', warning: 'Warns', off: 'Off' } as const

export const checkWords: Record<string, CheckWords> = {
  leakage: {
    label: 'Leakage',
    means: 'Groups or near-duplicates that stand in more than one split',
    level: 'blocking',
    limit: 'Rows',
  },
  duplicates: {
    label: 'Duplicates',
    means: 'Near-duplicates within a split',
    level: 'warning',
    limit: 'Rows',
  },
  'inclusion-probability': {
    label: 'Inclusion probability',
    means: 'Rows of which nobody knows how likely they were selected',
    level: 'warning',
    limit: 'Rows',
  },
  'test-basis': {
    label: 'Basis of test',
    means: 'Test rows that chance did not select, or that were judged after a suggestion',
    level: 'warning',
    limit: 'Share, 0 to 1',
  },
  'personal-data': {
    label: 'Personal data',
    means: 'Rows in which a detector found some',
    level: 'warning',
    limit: 'Rows',
  },
  'label-noise': {
    label: 'Label noise',
    means: 'Rows whose verdict the others make unlikely',
    level: 'warning',
    limit: 'Rows',
  },
  balance: {
    label: 'Balance',
    means: 'How many times the rarest kind of train the most common one is',
    level: 'warning',
    limit: 'Times',
  },
  schema: {
    label: 'Schema',
    means: 'Rows that the task would not take today',
    level: 'blocking',
    limit: 'Rows',
  },
  expectations: {
    label: 'Expectations',
    means: 'Rows that miss what was written down as expected',
    level: 'blocking',
    limit: 'Rows',
  },
  influenced: {
    label: 'Influence',
    means: 'Train rows whose author could see a suggestion',
    level: 'warning',
    limit: 'Share, 0 to 1',
  },
  contribution: {
    label: 'Contribution',
    means: 'Rows of whoever contributed most',
    level: 'warning',
    limit: 'Share, 0 to 1',
  },
}
