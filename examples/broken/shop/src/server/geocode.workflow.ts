import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';

export class GeocodeWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent, step: WorkflowStep) {
    await step.do('copy', { retry: { limit: 3, delay: '10 seconds' } }, async () => 1);
  }
}
