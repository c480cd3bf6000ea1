export function setUp(options: {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: readonly string[];
}): Promise<number>;
