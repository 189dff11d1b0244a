using System.Diagnostics;
using MLNet.FineTune.Tests.Persistence;
using MLNet.FineTune.Tests.SelfTraining;
using MLNet.FineTune.Tests.Trainers;

namespace MLNet.FineTune.Tests.Fixtures;

/// <summary>Runs a part of a test in a process of its own: this executable, which does what an environment variable says instead of running tests.</summary>
internal static class ChildProcess
{
    private const string VerbVariable = "MLNET_FINETUNE_TEST_CHILD";
    private const string ArgumentVariable = "MLNET_FINETUNE_TEST_CHILD_ARGUMENT";

    /// <summary>Whether this process is such a child. Nothing of the library is registered or even loaded in it by the tests' set-up.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(VerbVariable) is { Length: > 0 };

    /// <param name="verb">One of those that <see cref="Run"/> knows.</param>
    /// <param name="argument">A path.</param>
    public static Process Start(string verb, string argument)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "MLNet.FineTune.Tests.exe" : "MLNet.FineTune.Tests"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Results depend on the number of threads, and the parent has one.
            Environment = { [VerbVariable] = verb, [ArgumentVariable] = argument, ["OMP_NUM_THREADS"] = "1" },
        };
        return Process.Start(start)!;
    }

    /// <summary>Runs to the end; fails the test with the child's error output when it fails.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static async Task<string> RunAsync(string verb, string argument)
    {
        using Process process = Start(verb, argument);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.AreEqual(0, process.ExitCode, await error);
        return output;
    }

    /// <summary>What the child does: not in a module initialiser, which would block all other threads that enter the assembly.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        string argument = Environment.GetEnvironmentVariable(ArgumentVariable) ?? "";
        try
        {
            switch (Environment.GetEnvironmentVariable(VerbVariable))
            {
                case FreshProcessTests.ScoreVerb:
                    FreshProcessTests.Score(argument);
                    break;
                case ResumeTests.TrainVerb:
                    ResumeTests.TrainInChild(argument);
                    break;
                case SelfTrainResumeTests.TrainVerb:
                    SelfTrainResumeTests.TrainInChild(argument);
                    break;
                case FullDiskTests.SaveVerb:
                    FullDiskTests.SaveInChild(argument);
                    break;
                case { } verb:
                    throw new InvalidOperationException($"There is no '{verb}' for child processes.");
            }
            return 0;
        }
        catch (Exception e)
        {
            Console.Error.Write(e);
            return 1;
        }
    }
}
