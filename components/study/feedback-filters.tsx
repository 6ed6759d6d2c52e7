'use client'
import { ListFilter } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { type FormEvent, useRef } from 'react'
import { Button, ButtonLink } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { FilterToken } from '../ui/filter-token'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import { useKeys } from '../ui/use-keys'
import { type FilterName, type FilterValues, feedbackHref, filterNames } from './feedback-address'
import styles from './feedback-filters.module.css'
import { stateOptions } from './feedback-words'

const tokenNames: Record<FilterName, string> = {
  text: 'words',
  state: 'decision',
  version: 'version',
  confidenceFrom: 'confidence from',
  confidenceTo: 'confidence to',
  from: 'from',
  to: 'to',
  simulated: 'simulated',
}

export interface FeedbackFiltersProps {
  slug: string
  values: FilterValues
  versions: { id: string; label: string }[]
  timeZone: string
  /** What is wrong with the address, by parameter. */
  problem?: { name: string; message: string } | null
}

/** The filter is the address: a plain GET form, so that it works before and without scripts, and Back takes it back. */
export function FeedbackFilters({ slug, values, versions, timeZone, problem }: FeedbackFiltersProps) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const search = useRef<HTMLInputElement>(null)
  useKeys('Feedback', [{ chord: '/', label: 'filter', run: () => search.current?.focus() }])

  const go = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [name, String(value).trim()]),
    )
    router.push(feedbackHref(slug, given), { scroll: false })
  }
  const apply = () => form.current?.requestSubmit()
  const errorOf = (name: string) => (problem?.name === name ? problem.message : null)
  const versionOptions = [
    { value: '', label: 'Any version' },
    ...versions.map(v => ({ value: v.id, label: v.label })),
  ]
  const said = (name: FilterName): string => {
    const value = values[name] ?? ''
    if (name === 'state') return stateOptions.find(o => o.value === value)?.label.toLowerCase() ?? value
    if (name === 'version') return versions.find(v => v.id === value)?.label ?? 'another one'
    return name === 'simulated' ? 'included' : value
  }
  const active = filterNames.filter(name => values[name])
  // A new address is a new form: what was typed and not applied goes with the old one.
  const address = feedbackHref(slug, values)

  return (
    <search className={styles.filters}>
      <form key={address} ref={form} method="get" action={`/p/${slug}/feedback`} onSubmit={go}>
        <div className={styles.row}>
          <TextField
            ref={search}
            type="search"
            name="text"
            label="Words in the item or the text kept"
            labelHidden
            placeholder="Search words"
            defaultValue={values.text}
            error={errorOf('text')}
            maxLength={200}
            className={styles.search}
          />
          <SelectField
            name="state"
            label="Decision"
            labelHidden
            className={styles.choice}
            options={stateOptions}
            defaultValue={values.state ?? ''}
            onChange={apply}
          />
          <SelectField
            name="version"
            label="Model version"
            labelHidden
            className={styles.choice}
            options={versionOptions}
            defaultValue={values.version ?? ''}
            onChange={apply}
          />
          <Button type="submit" icon={<ListFilter />}>
            Filter
          </Button>
        </div>
        <details className={styles.more} open={(problem && problem.name !== 'text') || undefined}>
          <summary>Days, confidence, simulated rows</summary>
          <div className={styles.row}>
            <TextField
              type="date"
              name="from"
              label="From"
              hint={timeZone}
              defaultValue={values.from}
              error={errorOf('from')}
            />
            <TextField
              type="date"
              name="to"
              label="To"
              hint="That day included"
              defaultValue={values.to}
              error={errorOf('to')}
            />
            <TextField
              inputMode="decimal"
              name="confidenceFrom"
              label="Confidence from"
              hint="0 to 1"
              defaultValue={values.confidenceFrom}
              error={errorOf('confidenceFrom')}
              className={styles.short}
            />
            <TextField
              inputMode="decimal"
              name="confidenceTo"
              label="to"
              hint="0 to 1"
              defaultValue={values.confidenceTo}
              error={errorOf('confidenceTo')}
              className={styles.short}
            />
            <div className={styles.check}>
              <Checkbox
                name="simulated"
                value="include"
                label="Simulated rows"
                hint="Made by a simulation; marked."
                defaultChecked={values.simulated === 'include'}
                onChange={apply}
              />
            </div>
          </div>
        </details>
      </form>
      {active.length > 0 ? (
        <div className={styles.tokens}>
          {active.map(name => (
            <FilterToken
              key={name}
              name={tokenNames[name]}
              value={said(name)}
              removeHref={feedbackHref(slug, { ...values, [name]: undefined })}
            />
          ))}
          {active.length > 1 ? (
            <ButtonLink kind="quiet" size="small" href={feedbackHref(slug, {})} scroll={false}>
              Clear all
            </ButtonLink>
          ) : null}
        </div>
      ) : null}
    </search>
  )
}
