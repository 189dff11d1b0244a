using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MLNet.FineTune.Contrastive;
using MLNet.FineTune.Losses;

namespace MLNet.FineTune.FewShot;

/// <summary>Fits a linear classifier with ML.NET's L-BFGS trainers. One thread: the result is the same everywhere.</summary>
/// <param name="options">The penalties.</param>
/// <param name="training">What classes weigh.</param>
/// <param name="seed">Seed of the context.</param>
internal sealed class LogisticRegressionTrainer(LogisticRegressionHead options, TrainingOptions training, int seed) : IHeadTrainer
{
    private const int RowsPerPoll = 64;

    public LinearHead Fit(EmbeddedTexts embeddings, EmbeddedTexts? validation, Action? checkAlive)
    {
        checkAlive?.Invoke();
        Standardization? standardization = options.Standardize ? new Standardization(embeddings) : null;
        var features = new float[embeddings.EmbeddingCount][];
        for (int i = 0; i < features.Length; i++)
        {
            ReadOnlySpan<float> values = embeddings.Values.AsSpan(i * embeddings.Width, embeddings.Width);
            features[i] = standardization?.Apply(values) ?? values.ToArray();
        }
        var ml = new MLContext(seed);
        LinearHead head = embeddings.ClassCount == 2 ? Binary(ml, embeddings, features, checkAlive) : Multiclass(ml, embeddings, features, checkAlive);
        return standardization?.Fold(head) ?? head;
    }

    private LinearHead Multiclass(MLContext ml, EmbeddedTexts texts, float[][] features, Action? checkAlive)
    {
        SchemaDefinition schema = Schema<MulticlassRow>(texts.Width);
        schema[nameof(MulticlassRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), texts.ClassCount);
        IDataView data = ml.Data.LoadFromEnumerable(
            Rows(texts, checkAlive, (row, weight) => new MulticlassRow { Features = features[texts.SourceOf(row)], Label = (uint)texts.Texts.Labels[row], Weight = weight }), schema);
        var model = (MaximumEntropyModelParameters)Train(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(Configure(new LbfgsMaximumEntropyMulticlassTrainer.Options())), data);
        VBuffer<float>[] weights = [];
        model.GetWeights(ref weights, out _);
        return new LinearHead([.. weights.SelectMany(row => row.DenseValues())], [.. model.GetBiases()]);
    }

    private LinearHead Binary(MLContext ml, EmbeddedTexts texts, float[][] features, Action? checkAlive)
    {
        IDataView data = ml.Data.LoadFromEnumerable(
            Rows(texts, checkAlive, (row, weight) => new BinaryRow { Features = features[texts.SourceOf(row)], Label = texts.Texts.Labels[row] == 1, Weight = weight }), Schema<BinaryRow>(texts.Width));
        var calibrated = (CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator>)Train(ml.BinaryClassification.Trainers.LbfgsLogisticRegression(Configure(new LbfgsLogisticRegressionBinaryTrainer.Options())), data);
        LinearBinaryModelParameters model = calibrated.SubModel;
        // The odds of the second class against the first, whose logit is 0.
        return new LinearHead([.. new float[texts.Width], .. model.Weights], [0, model.Bias]);
    }

    /// <summary>The rows, read anew in each iteration of the trainer, which does not look whether it was cancelled: the rows do.</summary>
    private IEnumerable<T> Rows<T>(EmbeddedTexts texts, Action? checkAlive, Func<int, float, T> row)
    {
        float[]? classWeights = ClassWeights.FromOptions(training, texts.Texts.Labels, texts.ClassCount);
        for (int i = 0; i < texts.Count; i++)
        {
            if (i % RowsPerPoll == 0)
                checkAlive?.Invoke();
            yield return row(i, (texts.Texts.Weights?[i] ?? 1) * (classWeights?[texts.Texts.Labels[i]] ?? 1));
        }
    }

    /// <summary>Without the cache that <c>Fit</c> puts before the trainer: the rows are in memory.</summary>
    private static IPredictor Train(ITrainer trainer, IDataView data) =>
        trainer.Train(new TrainContext(new RoleMappedData(data, nameof(MulticlassRow.Label), nameof(MulticlassRow.Features), weight: nameof(MulticlassRow.Weight))));

    private T Configure<T>(T trainer) where T : TrainerInputBaseWithWeight
    {
        trainer.LabelColumnName = nameof(MulticlassRow.Label);
        trainer.FeatureColumnName = nameof(MulticlassRow.Features);
        trainer.ExampleWeightColumnName = nameof(MulticlassRow.Weight);
        switch (trainer)
        {
            case LbfgsMaximumEntropyMulticlassTrainer.Options multiclass:
                (multiclass.L1Regularization, multiclass.L2Regularization, multiclass.NumberOfThreads) = (options.L1Regularization, options.L2Regularization, 1);
                break;
            case LbfgsLogisticRegressionBinaryTrainer.Options binary:
                (binary.L1Regularization, binary.L2Regularization, binary.NumberOfThreads) = (options.L1Regularization, options.L2Regularization, 1);
                break;
        }
        return trainer;
    }

    private static SchemaDefinition Schema<T>(int width)
    {
        SchemaDefinition schema = SchemaDefinition.Create(typeof(T));
        schema[nameof(MulticlassRow.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        return schema;
    }

    private sealed class MulticlassRow
    {
        public float[] Features { get; set; } = [];

        /// <summary>From 0: ML.NET adds the one by which keys are stored.</summary>
        public uint Label { get; set; }

        public float Weight { get; set; }
    }

    private sealed class BinaryRow
    {
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }

        public float Weight { get; set; }
    }
}
