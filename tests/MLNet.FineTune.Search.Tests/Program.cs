using MLNet.FineTune.Search.Tests.Trials;

namespace MLNet.FineTune.Search.Tests;

/// <summary>Runs the tests, or the worker of a test that is to be a process of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => WorkerProcess.IsWorker ? WorkerProcess.Run() : await MicrosoftTestingPlatformApplication.RunAsync(args);
}
