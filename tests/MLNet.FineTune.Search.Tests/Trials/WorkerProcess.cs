using System.Diagnostics;
using MLNet.FineTune.Search.Tests.Fixtures;

namespace MLNet.FineTune.Search.Tests.Trials;

/// <summary>A process that takes part in a search: this executable, when environment variables say which.</summary>
internal static class WorkerProcess
{
    public const int Seed = 11;
    public const int Trials = 24;

    /// <summary>What a trial of the worker notes that is to be interrupted, before it waits for that.</summary>
    public const string Hanging = "hanging";

    private const string StorageVariable = "MLNET_FINETUNE_TEST_STORAGE";
    private const string NameVariable = "MLNET_FINETUNE_TEST_WORKER";
    private const string HangVariable = "MLNET_FINETUNE_TEST_HANG";

    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(50);

    public static TimeSpan LeaseDuration { get; } = TimeSpan.FromSeconds(1);

    public static bool IsWorker => Environment.GetEnvironmentVariable(StorageVariable) is { Length: > 0 };

    /// <summary>Starts a process that waits for <see cref="Release"/>.</summary>
    /// <param name="storage">A connection string.</param>
    /// <param name="name">The worker's name.</param>
    /// <param name="hang">Whether its first trial never ends by itself.</param>
    public static Process Start(string storage, string name, bool hang = false) => Process.Start(new ProcessStartInfo(Environment.ProcessPath!)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment =
        {
            [StorageVariable] = storage,
            [NameVariable] = name,
            [HangVariable] = hang ? "1" : "",
        },
    })!;

    /// <summary>Lets processes work once all of them are ready.</summary>
    public static void Release(params Process[] workers)
    {
        foreach (Process worker in workers)
            worker.StandardOutput.ReadLine();
        foreach (Process worker in workers)
            worker.StandardInput.WriteLine();
    }

    /// <returns>The exit code.</returns>
    public static int Run()
    {
        try
        {
            using SearchStorage storage = SearchStorage.Open(Environment.GetEnvironmentVariable(StorageVariable)!);
            bool hang = Environment.GetEnvironmentVariable(HangVariable) == "1";
            var options = new TrialRunnerOptions
            {
                MaxTrials = Trials,
                Seed = Seed,
                LeaseDuration = LeaseDuration,
                Worker = Environment.GetEnvironmentVariable(NameVariable)!,
            };
            Console.WriteLine("ready");
            Console.ReadLine();
            TrialRunResult result = new TrialRunner(storage, Studies.Two, options).Run(new HashSuggester(), (context, cancellation) =>
            {
                if (hang && context.Attempt == 1)
                {
                    context.SetAttribute(Hanging, true);
                    cancellation.WaitHandle.WaitOne();
                    cancellation.ThrowIfCancellationRequested();
                }
                Thread.Sleep(Duration);
                return TrialOutcome.Completed(HashSuggester.Evaluate(context.Parameters));
            });
            return result.End == SearchEnd.TrialsSpent ? 0 : 2;
        }
        catch (Exception e)
        {
            Console.Error.Write(e);
            return 1;
        }
    }
}
