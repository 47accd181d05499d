import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';
import { fetchLegacyData, importToNewSystem, transformData } from './legacy';

export class MigrationWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ sourceId: string }>, step: WorkflowStep) {
    const rows = await step.do('fetch-data', async () => {
      return await fetchLegacyData(event.payload.sourceId ?? 'legacy');
    });

    const transformed = await step.do('transform-data', async () => {
      return await transformData(rows);
    });

    const migrated = await step.do('import-data', async () => {
      return await importToNewSystem(transformed);
    });

    return { migrated };
  }
}
