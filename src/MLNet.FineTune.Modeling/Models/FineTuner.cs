using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Fine-tunes an encoder to classify texts.</summary>
internal static class FineTuner
{
    /// <exception cref="ArgumentException">An option is out of range, or options contradict each other.</exception>
    /// <exception cref="IOException">A file of the encoder is missing.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TextClassifier Fit(FineTuneTask task)
    {
        NativeBackend.EnsureLoaded();
        task.Training.Validate();
        task.Peft.Validate();
        CheckSavedWeights(task);
        torch.manual_seed(task.Seed);

        using PretrainedEncoder encoder = task.Encoder.Open(Texts(task.Data));
        if (task.SavedWeights == SavedWeights.AdapterOnly && !encoder.HasWeights)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} needs an encoder that can be found again when the model is loaded; this one cannot ({task.Encoder.Description}). Choose {nameof(SavedWeights.Embedded)}.");
        int maxLength = MaxLength(task, encoder);
        (LabelledTexts train, LabelledTexts? validation) = Split(task);
        TextBatches batches = Tokenize(task, train, encoder, maxLength);

        TaskModel model = encoder.CreateClassifier(task.ClassCount, task.Pooling, task.Device);
        PeftAdapter? adapter = null;
        try
        {
            model.Encoder.ComputeType = Hardware.ComputeType(task.Precision, task.Device);
            adapter = PeftAdapter.Attach(model, task.Peft);
            Train(task, model, adapter, batches, train, validation is null ? null : (Tokenize(task, validation, encoder, maxLength), validation.Labels), encoder);
            return new TextClassifier(model, adapter, encoder.Tokenizer, Settings(task, encoder, maxLength));
        }
        catch
        {
            adapter?.Dispose();
            model.Dispose();
            throw;
        }
    }

    private static void Train(FineTuneTask task, TaskModel model, PeftAdapter adapter, TextBatches batches, LabelledTexts train, (TextBatches Batches, int[] Labels)? validation, PretrainedEncoder encoder)
    {
        TrainingOptions options = task.Training;
        using var loss = new SoftmaxCrossEntropy(options.LabelSmoothing, ClassWeights.FromOptions(options, train.Labels, task.ClassCount));
        var mode = new TrainingMode(model, adapter);
        mode.Train();
        TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build(adapter.Trainable.Select(p => (p.Name, p.Parameter, Depth(p))), options, model.Encoder.Config.PhysicalLayerCount),
            Objective = new ClassificationObjective(rows => Logits(model, batches, rows), train.Labels, loss, train.Weights),
            // Random weights have farther to go than pretrained ones.
            DefaultLearningRate = !encoder.HasWeights ? 5e-4 : task.Peft.DefaultLearningRateFor(model.Encoder.Config),
            Sampler = new LengthBucketedSampler(batches.Lengths, options.BatchSize, task.Seed),
            Validator = validation is not { } held ? null : new ClassificationValidator(
                check => mode.Evaluate(() => Scores(model, held.Batches, options.BatchSize, task.ClassCount, check)), held.Labels, task.ClassCount, options.ValidationMetric),
            Callbacks = task.Callbacks,
            Observers = task.Observers,
            Seed = task.Seed,
            DataFingerprint = Fingerprint(batches, train, encoder.Origin),
            CheckAlive = task.CheckAlive,
        }, options);
    }

    private static Tensor Logits(TaskModel model, TextBatches batches, int[] rows)
    {
        using EncoderInput input = batches.Input(rows);
        return model.Forward(input);
    }

    private static float[] Scores(TaskModel model, TextBatches batches, int batchSize, int classCount, Action? checkAlive)
    {
        var scores = new float[batches.Count * classCount];
        batches.Score(model, batchSize, scores, checkAlive);
        return scores;
    }

    /// <summary>0 for embeddings, 1 and up for layers, null above the encoder.</summary>
    private static int? Depth(AdapterParameter parameter) =>
        parameter.Layer + 1 ?? (parameter.Name.StartsWith("encoder.", StringComparison.Ordinal) ? 0 : null);

    private static IEnumerable<string> Texts(LabelledTexts data) => data.Inputs.SelectMany(input => input.Pair is null ? [input.Text] : new[] { input.Text, input.Pair });

    private static (LabelledTexts Train, LabelledTexts? Validation) Split(FineTuneTask task)
    {
        if (task.Validation is not null || task.Training.ValidationFraction == 0)
            return (task.Data, task.Validation);
        (int[] kept, int[] held) = StratifiedSplit.Create(task.Data.Labels, task.Training.ValidationFraction, task.Seed);
        return (task.Data.Rows(kept), task.Data.Rows(held));
    }

    private static TextBatches Tokenize(FineTuneTask task, LabelledTexts data, PretrainedEncoder encoder, int maxLength)
    {
        Encoding[] rows = data.Inputs.Encode(encoder.Tokenizer, encoder.LowerCase, maxLength, task.Truncation, task.Training.CancellationToken);
        int full = rows.Count(row => row.Ids.Length == maxLength);
        if (full > 0)
            task.Inform?.Invoke($"{full} of {rows.Length} texts fill the maximum length of {maxLength} tokens; what is longer is cut ({task.Truncation}).");
        return new TextBatches(rows, encoder.Config with { Device = task.Device });
    }

    private static int MaxLength(FineTuneTask task, PretrainedEncoder encoder)
    {
        if (task.MaxLength is not { } length)
            return encoder.MaxLength;
        bool pairs = task.Data.Inputs.Any(input => input.Pair is not null);
        int least = encoder.Tokenizer.SpecialTokenCount(pairs) + 1;
        return length >= least && length <= encoder.Config.MaxLength ? length : throw new ArgumentException(
            $"{nameof(FineTuneTask.MaxLength)} is {length}; expected {least} to {encoder.Config.MaxLength}, what the encoder takes ({task.Encoder.Description}).");
    }

    private static void CheckSavedWeights(FineTuneTask task)
    {
        if (task.SavedWeights == SavedWeights.AdapterOnly && task.Peft.ReplacesBase)
            throw new ArgumentException($"{nameof(SavedWeights)}.{nameof(SavedWeights.AdapterOnly)} cannot go with '{task.Peft.MethodName}', which trains the encoder's own weights; choose an adapter method such as {nameof(Lora)}, or {nameof(SavedWeights.Embedded)}.");
    }

    private static TextClassifierSettings Settings(FineTuneTask task, PretrainedEncoder encoder, int maxLength) => new()
    {
        ClassCount = task.ClassCount,
        Pooling = task.Pooling ?? encoder.Pooling,
        MaxLength = maxLength,
        Truncation = task.Truncation,
        BatchSize = task.Training.BatchSize,
        Precision = task.Precision,
        LowerCase = encoder.LowerCase,
        Method = PeftMethods.ToJson(task.Peft),
        Encoder = task.SavedWeights == SavedWeights.AdapterOnly ? task.Encoder.ToJson() : null,
        EncoderSha256 = task.SavedWeights == SavedWeights.AdapterOnly ? encoder.Sha256 : null,
    };

    private static string Fingerprint(TextBatches batches, LabelledTexts data, string encoder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes(encoder));
        batches.AppendTo(hash);
        hash.AppendData(MemoryMarshal.AsBytes(data.Labels.AsSpan()));
        if (data.Weights is not null)
            hash.AppendData(MemoryMarshal.AsBytes(data.Weights.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
