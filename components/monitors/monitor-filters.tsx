'use client'
import { useRouter } from 'next/navigation'
import { type FormEvent, useRef } from 'react'
import { Button } from '../ui/button'
import { SelectField } from '../ui/select-field'
import styles from './monitors.module.css'

export interface FilterChoice {
  value: string
  label: string
}

const stretches: FilterChoice[] = [
  { value: '14', label: '2 weeks' },
  { value: '28', label: '4 weeks' },
  { value: '42', label: '6 weeks' },
  { value: '90', label: '90 days' },
]
const arms: FilterChoice[] = [
  { value: '', label: 'All arms' },
  { value: 'live', label: 'Live' },
  { value: 'canary', label: 'Canary' },
  { value: 'holdback', label: 'Held back' },
]

/** The filter is the address: a plain GET form, so that it works before and without scripts. */
export function MonitorFilters({
  slug,
  values,
  versions,
  slices,
}: {
  slug: string
  values: Readonly<Record<'days' | 'version' | 'arm' | 'slice' | 'simulated', string>>
  versions: readonly FilterChoice[]
  slices: readonly FilterChoice[]
}) {
  const router = useRouter()
  const form = useRef<HTMLFormElement>(null)
  const go = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = [...new FormData(event.currentTarget)].flatMap(([name, value]) =>
      value ? [[name, String(value)]] : [],
    )
    router.push(`/p/${slug}/monitors?${new URLSearchParams(given)}`, { scroll: false })
  }
  const apply = () => form.current?.requestSubmit()
  const field = (name: keyof typeof values, label: string, options: readonly FilterChoice[]) => (
    <SelectField
      key={name}
      name={name}
      label={label}
      labelHidden
      className={styles.choice}
      options={[...options]}
      defaultValue={values[name]}
      onChange={apply}
    />
  )
  return (
    <search>
      <form
        key={JSON.stringify(values)}
        ref={form}
        method="get"
        action={`/p/${slug}/monitors`}
        onSubmit={go}
        className={styles.filters}
      >
        {field('days', 'Days', stretches)}
        {field('version', 'Version', [{ value: '', label: 'All versions' }, ...versions])}
        {field('arm', 'Arm', arms)}
        {field('slice', 'Slice', [{ value: '', label: 'All slices' }, ...slices])}
        {field('simulated', 'Simulated', [
          { value: 'exclude', label: 'Without simulated' },
          { value: 'include', label: 'Simulated included' },
        ])}
        <noscript>
          <Button type="submit">Apply</Button>
        </noscript>
      </form>
    </search>
  )
}
