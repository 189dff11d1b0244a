using Microsoft.ML;
using MLNet.FineTune.Tests.Fixtures;

namespace MLNet.FineTune.Tests.BadInput;

/// <summary>Options that do not fit the data, the encoder, the machine or what is on the disk: found by Fit.</summary>
internal static class TrainingCases
{
    private static readonly Type Argument = typeof(ArgumentException);

    public static BadInputCase[] All { get; } =
    [
        new("MaxLength above the encoder's", Argument, w => w.Fit(o => o.MaxLength = 64), "MaxLength", "is 64", "3 to 32", "new encoder"),
        new("MaxLength without room for a pair", Argument, w => w.Fit(o => (o.MaxLength, o.Sentence2ColumnName, o.PairEncoding) = (3, "Second", PairEncoding.Joint)), "MaxLength", "is 3", "4 to 32"),
        new("class weights of another number", Argument, w => w.Fit(o => o.Training.ClassWeights = [1, 1]), "ClassWeights", "2 weights", "expected 3"),
        new("early stopping without validation", Argument, w => w.Fit(o => o.Training.EarlyStoppingPatience = 2), "EarlyStoppingPatience", "ValidationFraction"),
        new("LoRA finds no layer", Argument, w => w.Fit(o => o.Peft = new Lora { Layers = [7] }), "Lora", "Layers", "[7]"),
        new("LoRA finds no projection", Argument, w => w.Fit(o => o.Peft = new Lora { TargetPattern = "nothing" }), "'nothing'", "attention.self.query"),
        new("AdapterOnly with a new encoder", Argument, w => w.Fit(o => o.SavedWeights = SavedWeights.AdapterOnly), "AdapterOnly", "new encoder", "found again"),
        new("GPU that is not there", typeof(InvalidOperationException), w => w.Fit(o => (o.GpuDeviceId, o.FallbackToCpu) = (99, false)), "GPU 99", "FallbackToCpu", "TorchSharp-cuda"),
        new("GPU of the context that is not there", typeof(InvalidOperationException), w =>
        {
            (w.Ml.GpuDeviceId, w.Ml.FallbackToCpu) = (99, false);
            w.Fit();
        }, "GPU 99", "FallbackToCpu"),
        new("training diverges", typeof(TrainingDivergedException), w => w.Fit(o => o.Training.LearningRate = 1e30), "diverged at step", "LearningRate"),
        new("checkpoint directory is a file", typeof(IOException), w =>
        {
            File.WriteAllText(w.Given("file"), "");
            w.Fit(o => (o.Training.CheckpointDirectory, o.Training.CheckpointEverySteps) = (w.Given("file"), 1));
        }, "CheckpointDirectory", "which is a file"),
        new("checkpoint is of another training", typeof(InvalidDataException), w =>
        {
            WriteCheckpoint(w);
            w.Fit(o => (o.Training.CheckpointDirectory, o.Training.LearningRate) = (w.Given("checkpoints"), 0.25));
        }, "training-checkpoint.safetensors", "LearningRate", "0.25", "ResumeFromCheckpoint"),
        new("checkpoint is cut", typeof(InvalidDataException), w =>
        {
            string path = WriteCheckpoint(w);
            File.WriteAllBytes(path, File.ReadAllBytes(path)[..^100]);
            w.Fit(o => o.Training.CheckpointDirectory = w.Given("checkpoints"));
        }, "training-checkpoint.safetensors", "truncated", "100 are missing", "ResumeFromCheckpoint"),
        new("checkpoint is no checkpoint", typeof(InvalidDataException), w =>
        {
            WriteCheckpoint(w);
            File.WriteAllBytes(Path.Combine(w.Given("checkpoints"), "training-checkpoint.safetensors"), EncoderDirectory.Files[EncoderDirectory.Weights]);
            w.Fit(o => o.Training.CheckpointDirectory = w.Given("checkpoints"));
        }, "training-checkpoint.safetensors", "fingerprint", "ResumeFromCheckpoint"),
        new("TensorBoard directory is below a file", typeof(DirectoryNotFoundException), w =>
        {
            File.WriteAllText(w.Given("file"), "");
            w.Fit(o => o.Training.TensorBoardDirectory = w.Given("file/logs"));
        }, "file/logs"),
    ];

    /// <summary>What a cancelled training leaves.</summary>
    private static string WriteCheckpoint(Workplace w)
    {
        using var source = new CancellationTokenSource();
        TextClassificationOptions options = w.Options(o =>
        {
            o.Training.CheckpointDirectory = w.Given("checkpoints");
            o.Training.CheckpointEverySteps = 1;
            o.Training.CancellationToken = source.Token;
            o.Training.Progress = new Sink<TrainingProgress>(_ => source.Cancel());
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => new MLContext(7).MulticlassClassification.Trainers.FineTune(options).Fit(w.Data()));
        return Assert.ContainsSingle(Directory.GetFiles(w.Given("checkpoints")));
    }
}
