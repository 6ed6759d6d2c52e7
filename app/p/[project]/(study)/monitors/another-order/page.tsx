import type { Metadata } from 'next'
import { number, percent } from '@/components/monitors/figures'
import styles from '@/components/monitors/monitors.module.css'
import { Button, ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { SelectField } from '@/components/ui/select-field'
import { StatusLane } from '@/components/ui/status-lane'
import { counterfactualQuery } from '@/contract/v1/monitors'
import { pagePermissions } from '@/domain/page-permission'
import { estimatePolicy } from '@/server/estimate-policy'
import { listModels } from '@/server/list-models'
import { requireProjectPage } from '@/server/page-access'

export const metadata: Metadata = { title: 'Another order' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function AnotherOrderPage({ params, searchParams }: Props) {
  const { project: slug } = await params
  const { ask } = await searchParams
  const here = `/p/${slug}/monitors/another-order`
  const scope = await requireProjectPage(slug, pagePermissions['monitors/another-order'], here)
  const { models } = await listModels(scope)
  const versions = models.flatMap(model =>
    model.versions.map(v => ({ value: v.id, label: `First choice of ${model.name} ${v.version}` })),
  )
  const version = versions.find(v => v.value === ask)?.value
  const found = await estimatePolicy(
    scope,
    counterfactualQuery.parse(version ? { policy: 'version', version } : { policy: 'confidence' }),
  )
  const range = (of: { value: number; low: number; high: number } | null) =>
    of ? `${percent(of.value)} (${percent(of.low)} to ${percent(of.high)})` : 'none'
  return (
    <>
      <div className={styles.page}>
        <div className={`${styles.main} ${styles.wide}`}>
          <PageHeader
            title="What would another order have earned?"
            meta="Estimated from the probabilities with which suggestions of the last six weeks were put first. Reward: the first suggestion was accepted unchanged."
            actions={<ButtonLink href={`/p/${slug}/monitors`}>Monitors</ButtonLink>}
          />
          <form method="get" action={here} className={styles.filters}>
            <SelectField
              name="ask"
              label="Order asked about"
              className={styles.choice}
              defaultValue={version ?? ''}
              options={[{ value: '', label: 'Highest confidence first' }, ...versions]}
            />
            <Button type="submit">Ask</Button>
          </form>
          {found.refused ? (
            <EmptyState
              title="The log can’t say."
              action={
                scope.can('settings.view') ? (
                  <ButtonLink href={`/p/${slug}/settings`}>Settings</ButtonLink>
                ) : null
              }
            >
              {found.reason}
            </EmptyState>
          ) : (
            <dl className={styles.facts}>
              <div>
                <dt>Earned by the order in force</dt>
                <dd>{percent(found.logged ?? 0)}</dd>
              </div>
              <div>
                <dt>IPS</dt>
                <dd>{range(found.ips)}</dd>
              </div>
              <div>
                <dt>SNIPS</dt>
                <dd>{range(found.snips)}</dd>
              </div>
              <div>
                <dt>Effective rows</dt>
                <dd>
                  {number(found.effective ?? 0)} of {number(found.n)}
                  {found.thin ? ': under a tenth, so the two orders share too little to rely on this' : ''}
                </dd>
              </div>
            </dl>
          )}
        </div>
      </div>
      <StatusLane state={found.refused ? 'No estimate' : `${number(found.n)} choices`} />
    </>
  )
}
