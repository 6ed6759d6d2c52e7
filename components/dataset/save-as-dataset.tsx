import { Layers } from 'lucide-react'
import { keptStates } from '@/domain/dataset-words'
import { tokenNames } from '../explore/explorer-words'
import { type FilterName, type FilterValues, filterNames } from '../study/feedback-address'
import { Button, ButtonLink } from '../ui/button'
import { makeDatasetHref } from './dataset-address'

/** What a dataset can be chosen by; what is kept out of datasets never comes into one anyway. */
const known: readonly FilterName[] = [
  'text',
  'state',
  'version',
  'confidenceFrom',
  'confidenceTo',
  'from',
  'to',
  'tag',
  'simulated',
  'excluded',
]

/** Where a filter leads to a dataset of what it lets through, or why it can't. */
export function datasetOf(slug: string, values: FilterValues): { href: string } | { reason: string } {
  if (values.state && !(keptStates as readonly string[]).includes(values.state))
    return { reason: 'A dataset holds what people kept: accepted, corrected or written.' }
  const beyond = filterNames.filter(name => values[name] && !known.includes(name))
  if (beyond.length > 0 || values.excluded === 'only')
    return {
      reason: `A dataset can’t be chosen by ${beyond.map(name => tokenNames[name]).join(', ') || 'what is kept out of it'}. Select all that match, tag them, and make a dataset of the tag.`,
    }
  const { excluded: _, ...given } = values
  return { href: makeDatasetHref(slug, given) }
}

/** From a filter of the feedback to a dataset of what it lets through. */
export function SaveAsDataset({ slug, values }: { slug: string; values: FilterValues }) {
  const found = datasetOf(slug, values)
  if ('reason' in found)
    return (
      <Button icon={<Layers />} disabledReason={found.reason}>
        Add to a dataset
      </Button>
    )
  return (
    <ButtonLink kind="primary" icon={<Layers />} href={found.href} keyHint="d">
      Add to a dataset
    </ButtonLink>
  )
}
