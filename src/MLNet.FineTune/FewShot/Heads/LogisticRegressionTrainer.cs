using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MLNet.FineTune.Contrastive;

namespace MLNet.FineTune.FewShot;

/// <summary>Fits a linear classifier with ML.NET's L-BFGS trainers. One thread: the result is the same everywhere.</summary>
internal sealed class LogisticRegressionTrainer(LogisticRegressionHead options, int seed) : IHeadTrainer
{
    public LinearHead Fit(EmbeddedTexts embeddings, EmbeddedTexts? validation, Action? checkAlive)
    {
        checkAlive?.Invoke();
        Standardization? standardization = options.Standardize ? new Standardization(embeddings) : null;
        var ml = new MLContext(seed);
        IEnumerable<float[]> features = Enumerable.Range(0, embeddings.Count).Select(row => standardization?.Apply(embeddings[row]) ?? embeddings[row].ToArray());
        LinearHead head = embeddings.ClassCount == 2 ? Binary(ml, embeddings, features) : Multiclass(ml, embeddings, features);
        return standardization?.Fold(head) ?? head;
    }

    private LinearHead Multiclass(MLContext ml, EmbeddedTexts texts, IEnumerable<float[]> features)
    {
        SchemaDefinition schema = Schema<MulticlassRow>(texts.Width);
        schema[nameof(MulticlassRow.Label)].ColumnType = new KeyDataViewType(typeof(uint), texts.ClassCount);
        IDataView data = ml.Data.LoadFromEnumerable(
            features.Select((row, i) => new MulticlassRow { Features = row, Label = (uint)texts.Texts.Labels[i], Weight = texts.Texts.Weights?[i] ?? 1 }).ToList(), schema);
        MaximumEntropyModelParameters model = ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(Configure(new LbfgsMaximumEntropyMulticlassTrainer.Options())).Fit(data).Model;
        VBuffer<float>[] weights = [];
        model.GetWeights(ref weights, out _);
        return new LinearHead([.. weights.SelectMany(row => row.DenseValues())], [.. model.GetBiases()]);
    }

    private LinearHead Binary(MLContext ml, EmbeddedTexts texts, IEnumerable<float[]> features)
    {
        IDataView data = ml.Data.LoadFromEnumerable(
            features.Select((row, i) => new BinaryRow { Features = row, Label = texts.Texts.Labels[i] == 1, Weight = texts.Texts.Weights?[i] ?? 1 }).ToList(), Schema<BinaryRow>(texts.Width));
        LinearBinaryModelParameters model = ml.BinaryClassification.Trainers.LbfgsLogisticRegression(Configure(new LbfgsLogisticRegressionBinaryTrainer.Options())).Fit(data).Model.SubModel;
        // The odds of the second class against the first, whose logit is 0.
        return new LinearHead([.. new float[texts.Width], .. model.Weights], [0, model.Bias]);
    }

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
