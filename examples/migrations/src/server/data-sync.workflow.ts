import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';

interface Options {
  table: string;
  pages: number;
}

export class DataSyncWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<Options>, step: WorkflowStep) {
    const { table = 'users', pages = 2 } = event.payload;
    let rows = 0;

    for (let page = 0; page < pages; page += 1) {
      rows += await step.do(
        `sync-${table}-${page}`,
        { retries: { limit: 3, delay: '10 seconds', backoff: 'exponential' }, timeout: '2 minutes' },
        async () => 50,
      );
      await step.sleep('be-gentle', '30 seconds');
    }

    const approval = await step.waitForEvent<{ by: string }>('wait-for-review', {
      type: 'reviewed',
      timeout: '2 days',
    });

    return { rows, reviewedBy: approval.payload.by };
  }
}
