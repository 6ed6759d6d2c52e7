import { ListFilter } from 'lucide-react'
import type { FilterChoices } from '@/contract/v1/explore'
import type { ReadyView } from '@/domain/explore-words'
import { type FilterName, type FilterValues, filterNames } from '../study/feedback-address'
import styles from '../study/feedback-filters.module.css'
import { stateOptions } from '../study/feedback-words'
import { Button, ButtonLink } from '../ui/button'
import { Checkbox } from '../ui/checkbox'
import { FilterToken } from '../ui/filter-token'
import { SelectField } from '../ui/select-field'
import { TextField } from '../ui/text-field'
import { changedHref, type ExplorerAddress, freshHref } from './explorer-address'
import { onlyWords, readyWords, tokenNames } from './explorer-words'
import { FilterForm } from './filter-form'

export interface FiltersProps {
  slug: string
  address: ExplorerAddress
  versions: { id: string; label: string }[]
  choices: FilterChoices
  timeZone: string
  /** What is wrong with the address, by parameter. */
  problem?: { name: string; message: string } | null
}

const inFront: readonly string[] = ['text', 'state', 'version']
const either = [
  { value: '', label: 'Any' },
  { value: 'only', label: 'Only these' },
  { value: 'exclude', label: 'Leave out' },
]

/** The filter is the address, so it can be sent to somebody, and Back takes it back. */
export function Filters({ slug, address, versions, choices, timeZone, problem }: FiltersProps) {
  const errorOf = (name: string) => (problem?.name === name ? problem.message : null)
  const options = (
    any: string,
    list: readonly { value: string; label: string }[],
    now: string | undefined,
  ) => [
    { value: '', label: any },
    // One that is not in the list any more stays what it is.
    ...(now && !list.some(one => one.value === now) ? [{ value: now, label: now }] : []),
    ...list,
  ]
  const plain = (values: readonly string[]) => values.map(value => ({ value, label: value }))
  const kept = {
    show: address.show,
    group: address.group,
    order: address.order,
    columns: address.columns,
    view: address.view,
  }
  const range = (name: 'confidence' | 'edit', label: string) => (
    <>
      <TextField
        inputMode="decimal"
        name={`${name}From`}
        label={`${label} from`}
        hint="0 to 1"
        defaultValue={address[`${name}From`]}
        error={errorOf(`${name}From`)}
        className={styles.short}
      />
      <TextField
        inputMode="decimal"
        name={`${name}To`}
        label="to"
        aria-label={`${label} to`}
        hint="0 to 1"
        defaultValue={address[`${name}To`]}
        error={errorOf(`${name}To`)}
        className={styles.short}
      />
    </>
  )
  return (
    <search className={styles.filters}>
      {/* A new address is a new form: what was typed and not applied goes with the old one. */}
      <FilterForm key={changedHref(slug, address, {})} action={`/p/${slug}/feedback`}>
        {Object.entries(kept).map(([name, value]) =>
          value ? <input key={name} type="hidden" name={name} value={value} /> : null,
        )}
        <div className={styles.row}>
          <TextField
            type="search"
            name="text"
            label="Words in the item or the text kept"
            labelHidden
            placeholder="Search words"
            defaultValue={address.text}
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
            defaultValue={address.state ?? ''}
          />
          <SelectField
            name="version"
            label="Model version"
            labelHidden
            className={styles.choice}
            options={options(
              'Any version',
              versions.map(v => ({ value: v.id, label: v.label })),
              address.version,
            )}
            defaultValue={address.version ?? ''}
          />
          <Button type="submit" icon={<ListFilter />} keyHint="/">
            Filter
          </Button>
        </div>
        <details className={styles.more} open={(problem && !inFront.includes(problem.name)) || undefined}>
          <summary>Days, confidence, edit, tags, arm and more</summary>
          <div className={styles.row}>
            <TextField
              type="date"
              name="from"
              label="From"
              hint={timeZone}
              defaultValue={address.from}
              error={errorOf('from')}
            />
            <TextField
              type="date"
              name="to"
              label="To"
              hint="That day included"
              defaultValue={address.to}
              error={errorOf('to')}
            />
            {range('confidence', 'Confidence')}
            {range('edit', 'Edit')}
          </div>
          <div className={styles.row}>
            <SelectField
              name="tag"
              label="Tag"
              className={styles.choice}
              options={options('Any', plain(choices.tags), address.tag)}
              defaultValue={address.tag ?? ''}
            />
            <SelectField
              name="attribute"
              label="Attribute"
              className={styles.choice}
              options={options('Any', plain(choices.attributes), address.attribute)}
              defaultValue={address.attribute ?? ''}
            />
            <SelectField
              name="import"
              label="Import"
              className={styles.choice}
              options={options(
                'Any',
                choices.imports.map(one => ({ value: one.id, label: one.label })),
                address.import,
              )}
              defaultValue={address.import ?? ''}
            />
            <SelectField
              name="arm"
              label="Arm"
              className={styles.choice}
              options={options('Any', plain(choices.arms), address.arm)}
              defaultValue={address.arm ?? ''}
            />
          </div>
          <div className={styles.row}>
            <SelectField
              name="blind"
              label="Answered blind"
              className={styles.choice}
              options={either}
              defaultValue={address.blind ?? ''}
            />
            <SelectField
              name="holdback"
              label="Held back at random"
              className={styles.choice}
              options={either}
              defaultValue={address.holdback ?? ''}
            />
            <SelectField
              name="excluded"
              label="Kept out of datasets"
              className={styles.choice}
              options={either}
              defaultValue={address.excluded ?? ''}
            />
            <div className={styles.check}>
              <Checkbox
                name="simulated"
                value="include"
                label="Simulated rows"
                hint="Made by a simulation; marked."
                defaultChecked={address.simulated === 'include'}
              />
            </div>
          </div>
        </details>
      </FilterForm>
      <Tokens slug={slug} address={address} versions={versions} choices={choices} />
    </search>
  )
}

function Tokens({
  slug,
  address,
  versions,
  choices,
}: Pick<FiltersProps, 'slug' | 'address' | 'versions' | 'choices'>) {
  const active = filterNames.filter(name => address[name])
  if (active.length === 0) return null
  return (
    <div className={styles.tokens}>
      {active.map(name => (
        <FilterToken
          key={name}
          name={tokenNames[name]}
          value={valueWords(name, address, versions, choices)}
          removeHref={changedHref(slug, address, { [name]: undefined })}
        />
      ))}
      {active.length > 1 ? (
        <ButtonLink kind="quiet" size="small" href={freshHref(slug, address, {})} scroll={false}>
          Clear all
        </ButtonLink>
      ) : null}
    </div>
  )
}

function valueWords(
  name: FilterName,
  address: FilterValues,
  versions: FiltersProps['versions'],
  choices: FilterChoices,
): string {
  const value = address[name] ?? ''
  switch (name) {
    case 'state':
      return stateOptions.find(option => option.value === value)?.label.toLowerCase() ?? value
    case 'version':
      return versions.find(version => version.id === value)?.label ?? 'another one'
    case 'import':
      return choices.imports.find(one => one.id === value)?.label ?? 'an older one'
    case 'show':
      return (readyWords[value as ReadyView]?.name ?? value).toLowerCase()
    case 'blind':
    case 'holdback':
    case 'excluded':
    case 'simulated':
      return onlyWords[value] ?? value
    default:
      return value
  }
}
