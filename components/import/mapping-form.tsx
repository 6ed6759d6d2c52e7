'use client'
import type { ImportDetail, ImportMapping, ImportPreview } from '@/contract/v1/imports'
import { Checkbox } from '../ui/checkbox'
import { SelectField } from '../ui/select-field'
import { Table, Td, Th, Tr } from '../ui/table'
import { TextField } from '../ui/text-field'
import styles from './import.module.css'

interface Props {
  detail: ImportDetail
  mapping: ImportMapping | null
  preview: ImportPreview | null
  /** Rows are in already: the rest comes in the same way. */
  locked: boolean
  onChange: (mapping: ImportMapping) => void
  /** Reads the rows as those of another tool; null once rows are in. */
  onReread: ((dialect: string | null) => void) | null
}

/** Which column is what, and what the first rows become of it. */
export function MappingForm({ detail, mapping, preview, locked, onChange, onReread }: Props) {
  const columns = (mapping && mapping.as !== 'payload' ? mapping.columns : undefined) ?? {}
  const pictures = mapping?.as === 'pictures'
  const licence = mapping?.licence ? { licence: mapping.licence } : {}
  const choose = (field: string, column: string) => {
    const { [field]: _, ...others } = columns
    onChange({
      as: pictures ? 'pictures' : 'columns',
      ...licence,
      columns: column ? { ...others, [field]: column } : others,
    })
  }
  return (
    <div className={styles.mapping}>
      {onReread ? (
        <div className={styles.fields}>
          <SelectField
            label="Read the rows as"
            hint={detail.dialect ? 'Found by what is in them.' : undefined}
            value={detail.dialect ?? ''}
            options={[
              { value: '', label: 'Plain rows' },
              ...detail.dialects.map(one => ({ value: one.id, label: one.label })),
            ]}
            onChange={event => onReread(event.target.value || null)}
          />
          {mapping ? (
            <LicenceField
              value={mapping.licence ?? ''}
              onSettle={value => {
                const { licence: _, ...rest } = mapping
                onChange(value ? { ...rest, licence: value } : rest)
              }}
            />
          ) : null}
        </div>
      ) : null}
      {pictures && detail.columns.length === 0 ? null : locked ? (
        <p className={styles.lead}>A part of this file is in. The rest comes in by the same columns.</p>
      ) : (
        <>
          {detail.payloadRows ? (
            <Checkbox
              label="Each line is an item already"
              hint="It has the fields of this task, so no column has to be named."
              checked={mapping?.as === 'payload'}
              onChange={as =>
                onChange(as ? { as: 'payload', ...licence } : { as: 'columns', ...licence, columns: {} })
              }
            />
          ) : null}
          {mapping?.as === 'payload' ? null : (
            <div className={styles.fields}>
              {detail.fields.map(field => (
                <SelectField
                  key={field.id}
                  label={field.label}
                  note={field.required ? undefined : 'Optional'}
                  hint={field.hint ?? undefined}
                  value={columns[field.id] ?? ''}
                  options={[
                    { value: '', label: field.required ? 'Choose a column' : 'None' },
                    ...detail.columns.map(column => ({ value: column, label: column })),
                  ]}
                  onChange={event => choose(field.id, event.target.value)}
                />
              ))}
            </div>
          )}
        </>
      )}
      {preview ? <Preview preview={preview} pictures={pictures} rows={countedRows(detail.format)} /> : null}
    </div>
  )
}

/** Formats without lines have entries, which are counted. */
const countedRows = (format: string) => format !== 'csv' && format !== 'jsonl'

/** The mapping is looked at anew when the field is left, not with each letter. */
function LicenceField({ value, onSettle }: { value: string; onSettle: (value: string) => void }) {
  return (
    <TextField
      key={value}
      label="Licence of the file"
      note="Optional"
      hint="For rows that say none themselves, as CC-BY-4.0."
      maxLength={60}
      defaultValue={value}
      onBlur={event => {
        const next = event.target.value.trim()
        if (next !== value) onSettle(next)
      }}
    />
  )
}

function Preview({
  preview,
  pictures,
  rows: counted,
}: {
  preview: ImportPreview
  pictures: boolean
  rows: boolean
}) {
  const said = preview.rows.some(row => row.values.length > 0)
  const split = preview.rows.some(row => row.split !== null)
  const licensed = preview.rows.some(row => row.licence !== null)
  const noun = pictures ? 'file' : 'row'
  return (
    <>
      <p className={styles.lead} role="status">
        {preview.refused === 0
          ? pictures
            ? `${preview.lookedAt === 1 ? 'One file is' : `The first ${preview.lookedAt} files are`} looked at one by one; what is no picture is refused by its name.`
            : `The first ${preview.lookedAt} ${preview.lookedAt === 1 ? 'row' : 'rows'} can come in.`
          : `Of the first ${preview.lookedAt} ${noun}s ${preview.refused} would be refused; all others come in.`}
      </p>
      {preview.notTaken.length > 0 ? (
        <section aria-label="Not taken">
          <p className={styles.lead}>Of these rows this is not taken:</p>
          <ul className={styles.notTaken}>
            {preview.notTaken.map(one => (
              <li key={one.what}>
                {one.what} <span>({one.rows === 1 ? '1 row' : `${one.rows} rows`})</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Table caption="The first rows as items">
        <thead>
          <tr>
            <Th numeric>{pictures || counted ? 'Number' : 'Line'}</Th>
            <Th>Item</Th>
            {said ? <Th>Values</Th> : null}
            {split ? <Th>Split in the file</Th> : null}
            {licensed ? <Th>Licence</Th> : null}
            {pictures ? null : (
              <>
                <Th>Your id</Th>
                <Th>Group</Th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map(row => (
            <Tr key={row.line}>
              <Td numeric>{row.line}</Td>
              <Td>
                {row.problem ? (
                  <span className={styles.problem}>{row.problem.detail}</span>
                ) : (
                  <span className={styles.item} dir="auto">
                    {row.title === row.text ? null : <strong>{row.title}</strong>}
                    <span>{row.text}</span>
                  </span>
                )}
              </Td>
              {said ? (
                <Td>
                  {row.values.map((value, at) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: two people may have said the same.
                    <span key={at} className={styles.item} dir="auto">
                      {value}
                    </span>
                  ))}
                  {row.annotators > 0 ? (
                    <span className={styles.lead}>
                      {row.annotators === 1 ? 'by 1 person' : `by ${row.annotators} people`}
                    </span>
                  ) : null}
                </Td>
              ) : null}
              {split ? <Td>{row.split}</Td> : null}
              {licensed ? <Td>{row.licence}</Td> : null}
              {pictures ? null : (
                <>
                  <Td>{row.externalId}</Td>
                  <Td>{row.groupId}</Td>
                </>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </>
  )
}
