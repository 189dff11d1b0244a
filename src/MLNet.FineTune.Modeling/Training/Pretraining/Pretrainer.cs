using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using TorchSharp;

namespace MLNet.FineTune.Pretraining;

/// <summary>Trains an encoder on raw text, from random weights or from a checkpoint's (Gururangan et al. 2020, arXiv 2004.10964).</summary>
internal static class Pretrainer
{
    /// <summary>Texts in which the directions are found that shall tell the first word: some for each dimension.</summary>
    private const int TextsDescribed = 20_000;

    /// <exception cref="ArgumentException">An option is out of range, the teacher does not fit the encoder, or the corpus has too little for a batch.</exception>
    /// <exception cref="IOException">A file of the encoder or teacher is missing, or the output cannot be written; where its folder holds something else, before any work.</exception>
    /// <exception cref="InvalidDataException">A file of the encoder or teacher is malformed.</exception>
    /// <exception cref="NotSupportedException">The tokenizer has no mask token, or the encoder has dense layers after its pooling.</exception>
    /// <exception cref="TrainingDivergedException">Loss or gradients are not finite.</exception>
    public static TrainingResult Run(PretrainingTask task)
    {
        NativeBackend.EnsureLoaded();
        PretrainingOptions options = task.Options;
        options.Validate();
        ModelDirectory.Check(task.OutputDirectory);
        ICheckpointStore? checkpoints = task.CheckpointStore ?? (options.Training.CheckpointDirectory is { } folder ? new FileCheckpointStore(folder) : null);
        torch.manual_seed(task.Seed);
        IEnumerable<string> texts = task.Texts().Select(text => text.Text ?? "");
        using PretrainedEncoder encoder = task.Encoder.Open(texts);
        if (options.MaxLength > encoder.Config.MaxLength)
            throw new ArgumentException($"{nameof(PretrainingOptions)}.{nameof(PretrainingOptions.MaxLength)} is {options.MaxLength}; expected at most {encoder.Config.MaxLength}, what the encoder takes ({task.Encoder.Description}).");
        if (encoder.Dense.Count > 0)
            throw new NotSupportedException($"The encoder has Dense modules after its pooling ({task.Encoder.Description}), which pre-training neither runs nor keeps; take one without, or the folder of its Transformer module alone.");
        var masking = options.MaskedLanguageModeling is { } mlm ? new TokenMasking(mlm, encoder.Tokenizer) : null;
        using DistillationTeacher? teacher = options.Distillation is null ? null : DistillationTeacher.Open(options, encoder, texts, task.Device);

        string work = task.WorkDirectory ?? Directory.CreateTempSubdirectory("mlnet-finetune-").FullName;
        try
        {
            using PretrainingCorpus corpus = PretrainingCorpus.Write(task, encoder, teacher, work);
            TokenStoreDescription size = corpus.Store.Description;
            task.Inform?.Invoke(string.Create(CultureInfo.InvariantCulture, $"Corpus: {size.Paragraphs:N0} paragraphs, {size.Sentences:N0} sentences and headings, {size.Tokens:N0} tokens."));
            TrainingResult result = Train(task, encoder, teacher, corpus, masking, checkpoints);
            checkpoints?.Delete();
            return result;
        }
        finally
        {
            if (task.WorkDirectory is null)
                Directory.Delete(work, recursive: true);
        }
    }

    private static TrainingResult Train(PretrainingTask task, PretrainedEncoder encoder, DistillationTeacher? teacher, PretrainingCorpus corpus, TokenMasking? masking, ICheckpointStore? checkpoints)
    {
        PretrainingOptions options = task.Options;
        TokenStore store = corpus.Store;
        bool paired = options.Contrastive is not null;
        List<PassagePair> rows = Rows(options, new PassageBuilder(store, options.MaxLength - encoder.Tokenizer.SpecialTokenCount(pair: false), SeededRandom.Create(task.Seed, -1)));
        if (rows.Count < 2)
            throw new ArgumentException($"The corpus gives {rows.Count} {(paired ? $"pairs ({options.Contrastive!.Pairs})" : "passages")}; expected 2 at least.");
        var reader = new PassageReader(store, encoder.Tokenizer, options.MaxLength);
        PoolingModes pooling = encoder.Pooling ?? PoolingMode.Mean;

        using TaskModel model = encoder.CreateMaskedLanguageModel(task.Device, options.Dropout);
        model.Encoder.ComputeType = Hardware.ComputeType(options.Precision, task.Device);
        using var losses = new PretrainingLosses(options, model, pooling, teacher);
        model.train();
        using var objective = new PretrainingObjective(
            model.Encoder, losses.All, new PassageBatches(rows, reader, paired, masking), pooling, teacher is null ? null : Teaching(options.Distillation!, model, teacher, corpus, rows));
        TrainingResult result = TrainingLoop.Run(new TrainingTask
        {
            Groups = ParameterGroups.Build(losses.Parameters(), options.Training, model.Encoder.Config.PhysicalLayerCount),
            Objective = objective,
            DefaultLearningRate = encoder.HasWeights ? 2e-4 : 1e-3,
            Sampler = new LengthBucketedSampler(
                [.. rows.Select(row => reader.Length(row.Anchor) + (paired ? reader.Length(row.Positive) : 0))], options.Training.BatchSize, task.Seed,
                options.Contrastive is { GroupBySource: true } ? [.. rows.Select(row => row.Source)] : null),
            Observers = task.Losses is null ? task.Observers : [.. task.Observers, new LossReporter(objective, task.Losses)],
            Seed = task.Seed,
            DataFingerprint = Fingerprint(store, encoder, teacher, options),
            CheckAlive = task.CheckAlive,
            CheckpointStore = checkpoints is null ? null : new KeptCheckpoint(checkpoints),
        }, options.Training);
        bool embeds = paired || options.Distillation is { EmbeddingWeight: > 0 };
        EncoderDirectory.Write(task.OutputDirectory, model, encoder, embeds ? pooling : encoder.Pooling, options.SaveAsHalf, options.NormalizeEmbeddings);
        return result;
    }

    /// <summary>An encoder that learns to embed texts meets texts of all lengths; one that learns to predict tokens reads as much context as fits.</summary>
    private static List<PassagePair> Rows(PretrainingOptions options, PassageBuilder builder) =>
        options.Contrastive is { } contrastive ? builder.Pairs(contrastive.Pairs)
        : options.Distillation is { EmbeddingWeight: > 0 } ? builder.Passages()
        : builder.Packed();

    private static Func<IReadOnlyList<Passage>, TeacherOutput> Teaching(EncoderDistillation options, TaskModel model, DistillationTeacher teacher, PretrainingCorpus corpus, IReadOnlyList<PassagePair> rows)
    {
        var reader = new PassageReader(corpus.TeacherStore ?? corpus.Store, teacher.Tokenizer, teacher.MaxLength);
        int[] states = options.HiddenWeight > 0 ? HiddenStateDistillation.TeacherStates(model.Encoder.Config.LayerCount, teacher.Config.LayerCount) : [];
        if (options.FirstWordDimensions > 0)
            teacher.TellFirstWord([.. Spread(rows, TextsDescribed).Select(row => reader.Read(row.Anchor).Ids)], options);
        return passages => teacher.Encode([.. passages.Select(passage => reader.Read(passage).Ids)], states);
    }

    /// <summary>So many rows from all over the corpus.</summary>
    private static IEnumerable<PassagePair> Spread(IReadOnlyList<PassagePair> rows, int count) =>
        Enumerable.Range(0, Math.Min(count, rows.Count)).Select(i => rows[(int)((long)i * rows.Count / Math.Min(count, rows.Count))]);

    private static string Fingerprint(TokenStore store, PretrainedEncoder encoder, DistillationTeacher? teacher, PretrainingOptions options)
    {
        string losses = JsonSerializer.Serialize(new { options.MaskedLanguageModeling, options.Contrastive, options.BagOfWords, options.MaxLength, options.Dropout });
        string distillation = teacher is null ? "" : $"\n{teacher.Identity}\n{JsonSerializer.Serialize(options.Distillation)}";
        return Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{store.Description.Digest}\n{encoder.Origin}\n{losses}{distillation}")));
    }

    private sealed class LossReporter(PretrainingObjective objective, Action<TrainingState, IReadOnlyDictionary<string, double>> report) : ITrainingCallback
    {
        public void OnStepEnd(TrainingState state) => report(state, objective.Latest());
    }
}
