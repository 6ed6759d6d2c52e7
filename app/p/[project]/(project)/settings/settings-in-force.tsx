import { FieldList } from '@/components/ui/field-list'
import type { Settings } from '@/contract/v1/settings'
import { rollbackMetricWords } from '@/domain/serving-words'
import { modeWords } from './mode-words'

/** The settings for those who may see but not change them. */
export function SettingsInForce({ settings, readsText }: { settings: Settings; readsText: boolean }) {
  const { guardrails, serving } = settings
  return (
    <FieldList
      items={[
        { term: 'Project name', value: settings.name },
        { term: 'Task', value: settings.taskLabel },
        { term: 'Harm class', value: `${settings.harmClass}. ${settings.harmMeans}` },
        { term: 'Mode', value: `${modeWords[settings.mode].label}. ${modeWords[settings.mode].means}` },
        { term: 'Time zone', value: settings.timeZone },
        { term: 'Least confidence', value: guardrails.confidenceThreshold.toFixed(2) },
        { term: 'Longest suggestion', value: `${guardrails.maxLength} characters` },
        ...(readsText
          ? [
              {
                term: 'Sensitive topics',
                value: guardrails.blockSensitiveTopics ? 'left to the person' : 'suggested for',
              },
              { term: 'Languages', value: guardrails.languages.join(', ') },
            ]
          : []),
        { term: 'Left out to measure', value: `${Math.round(serving.holdbackShare * 1000) / 10} %` },
        { term: 'Order drawn by lot', value: `${Math.round(serving.explorationShare * 1000) / 10} %` },
        {
          term: 'Taken back by itself',
          value:
            serving.rollbackRules
              .map(
                rule =>
                  `when ${rollbackMetricWords[rule.metric]} exceeds ${Math.round(rule.bound * 1000) / 10} %`,
              )
              .join('; ') || 'never',
        },
        { term: 'Blocked words', value: guardrails.blockedPatterns.join(', ') || 'none' },
      ]}
    />
  )
}
