import { WorkflowEntrypoint, WorkflowStep, WorkflowEvent } from 'cloudflare:workers';
import { notifyAdmin, sendFollowupEmail, sendWelcomeEmail } from './mail';

export class EmailCampaignWorkflow extends WorkflowEntrypoint {
  async run(event: WorkflowEvent<{ userId: string }>, step: WorkflowStep) {
    try {
      const welcome = await step.do('send-welcome', async () => {
        return await sendWelcomeEmail(event.payload.userId);
      });

      // Wait 24 hours (survives restarts)
      await step.sleep('wait-for-followup', '24 hours');

      const followup = await step.do('send-followup', async () => {
        return await sendFollowupEmail(event.payload.userId);
      });

      return { sent: [welcome, followup] };
    } catch (err) {
      await step.do('handle-failure', async () => {
        await notifyAdmin(String(err));
      });
      throw err; // Re-throw to mark the workflow as errored
    }
  }
}
