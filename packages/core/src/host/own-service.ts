import { run } from "../process/run.ts";

const timeout = 30_000;

/**
 * Has systemd start `unit` anew, as its files are now. Returns false, and does nothing, when this process is not the main
 * one of the unit. Throws CommandError when systemd refuses.
 */
export async function restartOwnService(unit: string): Promise<boolean> {
  const show = ["systemctl", "show", "--property=MainPID", "--value", unit];
  const { stdout } = await run(show, { timeout });
  if (Number(stdout) !== process.pid) return false;
  // Whoever changed the files may not have come to that yet.
  await run(["systemctl", "daemon-reload"], { timeout });
  await run(["systemctl", "restart", "--no-block", unit], { timeout });
  return true;
}
