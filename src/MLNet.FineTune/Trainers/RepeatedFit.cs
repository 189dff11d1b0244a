using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Training;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Trainers;

/// <summary>Fits of the same task with different methods: the data read once for all of them, and the fit of the one that is chosen.</summary>
internal static class RepeatedFit
{
    /// <summary>Reads the data and finds the device.</summary>
    /// <param name="environment">The environment of the caller.</param>
    /// <param name="name">What the caller is called in messages.</param>
    /// <param name="options">Columns, encoder and training.</param>
    /// <param name="trainingSet">Labelled texts; a label that is a key makes the task a multiclass one, any other a binary one.</param>
    /// <param name="validationSet">Rows to measure on; null to set some of the training set aside.</param>
    /// <param name="validationFraction">The share to set aside; null to set none aside, where rows are to be parted into folds.</param>
    /// <param name="seed">Decides which rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="InvalidOperationException">The rows cannot be learnt from or split, or no usable libtorch or GPU was found.</exception>
    public static FineTuneTask Read(
        IHostEnvironment environment, string name, TextTrainerOptions options, IDataView trainingSet, IDataView? validationSet, double? validationFraction, int seed)
    {
        IHost host = environment.Register(name);
        var context = (IHostEnvironmentInternal)host;
        var device = Hardware.SelectDevice(options.GpuDeviceId ?? context.GpuDeviceId, options.FallbackToCpu ?? context.FallbackToCpu);
        ClassificationTask task = TaskOf(trainingSet, options);
        TrainingSet set = TrainingSet.Read(host, trainingSet, options.TrainingColumns, task);
        LabelledTexts data = Texts(set);
        LabelledTexts? validation = null;
        if (validationSet is not null)
        {
            validation = Texts(TrainingSet.ReadValidation(host, validationSet, options.TrainingColumns, task, set.Classes));
        }
        else
        {
            set.RequireSplit(options.LabelColumnName);
            if (validationFraction is { } fraction)
            {
                (int[] kept, int[] held) = StratifiedSplit.Create(data.Labels, fraction, seed);
                (data, validation) = (data.Rows(kept), data.Rows(held));
            }
        }
        return new FineTuneTask
        {
            Encoder = options.Encoder,
            Peft = options.Peft,
            Training = options.Training,
            Data = data,
            Validation = validation,
            ClassCount = set.Classes.Count,
            ClassNames = set.Classes.Values?.Names,
            ClassKeys = set.Classes.Names,
            Prompt = options.TextPrompt,
            Consistency = options.Regularization,
            LinearProbe = options.ProbedHead,
            Pooling = options.Pooling,
            Pairs = options.TextPairs,
            MaxLength = options.MaxLength,
            Truncation = options.Truncation,
            Precision = options.Precision,
            SavedWeights = options.SavedWeights,
            Device = device,
            Seed = seed,
            CheckAlive = FineTuneFit.CheckAlive(host, options.Training),
            Inform = line =>
            {
                using IChannel channel = host.Start(name);
                channel.Info(line);
            },
        };
    }

    /// <summary>Fits one.</summary>
    /// <param name="environment">The environment of the caller.</param>
    /// <param name="options">Columns, encoder, method and training.</param>
    /// <param name="seed">Decides everything random.</param>
    /// <param name="data">Labelled texts.</param>
    /// <param name="task">Which labels are expected; null to go by their type.</param>
    /// <param name="owner">The environment of the model; null for that of the caller.</param>
    public static TextClassificationTransformer Fit(
        IHostEnvironment environment, TextTrainerOptions options, int seed, IDataView data, ClassificationTask? task = null, IHostEnvironment? owner = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        IHost host = environment.Register(nameof(FineTuner));
        task ??= TaskOf(data, options);
        (TextClassifier classifier, TrainingSet set) = FineTuneFit.Run(host, options, seed, data, task.Value, FineTuner.Fit);
        host = owner?.Register(nameof(FineTuner)) ?? host;
        return classifier.HandTo<TextClassificationTransformer>(() => task == ClassificationTask.Multiclass
                ? new MulticlassTextClassificationTransformer(host, classifier, set.Classes, options.ScoringColumns)
                : new BinaryTextClassificationTransformer(host, classifier, options.ScoringColumns));
    }

    private static ClassificationTask TaskOf(IDataView data, TextTrainerOptions options) =>
        SchemaError.Find(data.Schema, nameof(data), "label", options.LabelColumnName).Type is KeyDataViewType or TextDataViewType ? ClassificationTask.Multiclass : ClassificationTask.Binary;

    private static LabelledTexts Texts(TrainingSet set) => new(set.Inputs, set.Labels, set.Weights);
}
