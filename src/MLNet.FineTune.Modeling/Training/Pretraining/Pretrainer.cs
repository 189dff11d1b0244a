using System.Globalization;
using System.Security.Cryptography;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;

namespace MLNet.FineTune.Pretraining;

/// <summary>Trains an encoder on raw text, from random weights or from a checkpoint's (Gururangan et al. 2020, arXiv 2004.10964).</summary>
internal static class Pretrainer
{
    /// <exception cref="ArgumentException">An option is out of range, or the corpus has too little for a batch.</exception>
    /// <exception cref="IOException">A file of the encoder is missing, or the output cannot be written.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder is malformed.</exception>
    /// <exception cref="NotSupportedException">The tokenizer has no mask token.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TrainingResult Run(PretrainingTask task)
    {
        NativeBackend.EnsureLoaded();
        PretrainingOptions options = task.Options;
        options.Validate();
        ICheckpointStore? checkpoints = task.CheckpointStore ?? (options.Training.CheckpointDirectory is { } folder ? new FileCheckpointStore(folder) : null);
        torch.manual_seed(task.Seed);
        using PretrainedEncoder encoder = task.Encoder.Open(task.Texts().Select(text => text.Text));
        if (options.MaxLength > encoder.Config.MaxLength)
            throw new ArgumentException($"{nameof(PretrainingOptions)}.{nameof(PretrainingOptions.MaxLength)} is {options.MaxLength}; expected at most {encoder.Config.MaxLength}, what the encoder takes ({task.Encoder.Description}).");
        var masking = options.MaskedLanguageModeling is { } mlm ? new TokenMasking(mlm, encoder.Tokenizer) : null;

        string work = task.WorkDirectory ?? Directory.CreateTempSubdirectory("mlnet-finetune-").FullName;
        try
        {
            using TokenStore store = Tokenise(task, encoder, work);
            TrainingResult result = Train(task, encoder, store, masking, checkpoints);
            checkpoints?.Delete();
            return result;
        }
        finally
        {
            if (task.WorkDirectory is null)
                Directory.Delete(work, recursive: true);
        }
    }

    private static TokenStore Tokenise(PretrainingTask task, PretrainedEncoder encoder, string work)
    {
        TokenStoreDescription corpus = TokenStoreWriter.Write(work, task.Texts(), encoder.Tokenizer, encoder.LowerCase, task.CheckAlive);
        task.Inform?.Invoke(string.Create(CultureInfo.InvariantCulture, $"Corpus: {corpus.Paragraphs:N0} paragraphs, {corpus.Sentences:N0} sentences and headings, {corpus.Tokens:N0} tokens."));
        return TokenStore.Open(work);
    }

    private static TrainingResult Train(PretrainingTask task, PretrainedEncoder encoder, TokenStore store, TokenMasking? masking, ICheckpointStore? checkpoints)
    {
        PretrainingOptions options = task.Options;
        var builder = new PassageBuilder(store, options.MaxLength - encoder.Tokenizer.SpecialTokenCount(pair: false), SeededRandom.Create(task.Seed, -1));
        List<PassagePair> rows = options.Contrastive is { } contrastive ? builder.Pairs(contrastive.Pairs) : builder.Packed();
        if (rows.Count < 2)
            throw new ArgumentException($"The corpus gives {rows.Count} {(options.Contrastive is null ? "passages" : $"pairs ({options.Contrastive.Pairs})")}; expected 2 at least.");
        var reader = new PassageReader(store, encoder.Tokenizer, options.MaxLength);
        PoolingMode pooling = encoder.Pooling ?? PoolingMode.Mean;

        using TaskModel model = encoder.CreateMaskedLanguageModel(task.Device, options.Dropout);
        model.Encoder.ComputeType = Hardware.ComputeType(options.Precision, task.Device);
        using BagOfWordsHead? bagOfWords = options.BagOfWords is null ? null : new BagOfWordsHead(model.Encoder);
        model.train();
        var objective = new PretrainingObjective(model, bagOfWords, options, rows, reader, masking, pooling);
        TrainingResult result = TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build(Parameters(model, bagOfWords, masking is not null), options.Training, model.Encoder.Config.PhysicalLayerCount),
            Objective = objective,
            DefaultLearningRate = encoder.HasWeights ? 2e-4 : 1e-3,
            Sampler = new LengthBucketedSampler(
                [.. rows.Select(row => reader.Length(row.Anchor) + (row.Positive.Count == 0 ? 0 : reader.Length(row.Positive)))], options.Training.BatchSize, task.Seed,
                options.Contrastive is { GroupBySource: true } ? [.. rows.Select(row => row.Source)] : null),
            Observers = task.Losses is null ? task.Observers : [.. task.Observers, new LossReporter(objective, task.Losses)],
            Seed = task.Seed,
            DataFingerprint = Fingerprint(store, encoder, options),
            CheckAlive = task.CheckAlive,
            CheckpointStore = checkpoints is null ? null : new KeptCheckpoint(checkpoints),
        }, options.Training);
        EncoderDirectory.Write(task.OutputDirectory, model, encoder, options.Contrastive is null ? encoder.Pooling : pooling, options.SaveAsHalf);
        return result;
    }

    private static IEnumerable<(string Name, Parameter Parameter, int? Layer)> Parameters(TaskModel model, BagOfWordsHead? bagOfWords, bool predicts)
    {
        foreach ((string name, Parameter parameter) in model.named_parameters())
            if (name.StartsWith("encoder.", StringComparison.Ordinal))
                yield return (name, parameter, Depth(name));
            else if (predicts)
                yield return (name, parameter, null);
        foreach ((string name, Parameter parameter) in bagOfWords?.named_parameters() ?? [])
            yield return ($"bag_of_words.{name}", parameter, null);
    }

    /// <summary>0 for embeddings, 1 and up for layers.</summary>
    private static int Depth(string name)
    {
        const string Layers = "encoder.layers.";
        return name.StartsWith(Layers, StringComparison.Ordinal)
            ? int.Parse(name.AsSpan(Layers.Length, name.IndexOf('.', Layers.Length) - Layers.Length), CultureInfo.InvariantCulture) + 1
            : 0;
    }

    private static string Fingerprint(TokenStore store, PretrainedEncoder encoder, PretrainingOptions options)
    {
        string losses = System.Text.Json.JsonSerializer.Serialize(new { options.MaskedLanguageModeling, options.Contrastive, options.BagOfWords, options.MaxLength, options.Dropout });
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{store.Description.Digest}\n{encoder.Sha256 ?? "fresh"}\n{losses}")));
    }

    private sealed class LossReporter(PretrainingObjective objective, Action<TrainingState, IReadOnlyDictionary<string, double>> report) : ITrainingCallback
    {
        public void OnStepEnd(TrainingState state) => report(state, objective.Latest);
    }
}
