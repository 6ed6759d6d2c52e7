import { Layers } from 'lucide-react'
import { keptStates } from '@/domain/dataset-words'
import type { FilterValues } from '../study/feedback-address'
import { Button, ButtonLink } from '../ui/button'
import { makeDatasetHref } from './dataset-address'

/** From a filter of the feedback to a dataset of what it lets through. */
export function SaveAsDataset({ slug, values }: { slug: string; values: FilterValues }) {
  const kept = !values.state || (keptStates as readonly string[]).includes(values.state)
  if (!kept)
    return (
      <Button
        icon={<Layers />}
        disabledReason="A dataset holds what people kept: accepted, corrected or written."
      >
        Save as dataset
      </Button>
    )
  return (
    <ButtonLink icon={<Layers />} href={makeDatasetHref(slug, values)}>
      Save as dataset
    </ButtonLink>
  )
}
