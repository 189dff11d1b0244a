using System.Globalization;
using System.Runtime.CompilerServices;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Tests.Training;

/// <summary>Turns the test executable into a training process that a test may kill: the one way to see a real SIGKILL.</summary>
internal static class ResumeChild
{
    /// <summary>Names the folder to train in; unset in ordinary runs.</summary>
    public const string Variable = "MLNET_FINETUNE_TEST_TRAIN_IN";

    public const string LossFile = "losses.txt";
    public const string WeightFile = "weights.bin";

    [ModuleInitializer]
    public static void Run()
    {
        NativeBackend.EnsureLoaded();
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } folder)
            return;
        using var losses = new StreamWriter(File.Open(Path.Combine(folder, LossFile), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        float[] weights = Train(Path.Combine(folder, "checkpoint"), state =>
        {
            losses.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{state.Step} {state.Loss:R}"));
            Thread.Sleep(10);
        });
        File.WriteAllBytes(Path.Combine(folder, WeightFile), System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        Environment.Exit(0);
    }

    /// <summary>The training that parent and child share: dropout, accumulation and validation included.</summary>
    public static float[] Train(string? checkpoints, Action<TrainingState> afterStep)
    {
        using var toy = new Toy();
        TrainingLoop.Run(
            toy.Task(batchSize: 8, callbacks: [new Recorder { AfterStep = afterStep }], validator: new LossOfWeights(toy)),
            new TrainingOptions { MaxSteps = 60, LearningRate = 1e-2, AccumulationSteps = 2, EvaluateEverySteps = 7, CheckpointDirectory = checkpoints, CheckpointEverySteps = 2 });
        return toy.Weights();
    }

    private sealed class LossOfWeights(Toy toy) : IValidator
    {
        public bool HigherIsBetter => true;

        public double Evaluate(Action checkAlive) => toy.Accuracy();
    }
}
