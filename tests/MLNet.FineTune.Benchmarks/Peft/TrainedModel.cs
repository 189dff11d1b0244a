using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.FewShot;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;

namespace MLNet.FineTune.Benchmarks.Peft;

/// <summary>What a fitted model costs.</summary>
/// <param name="Trainable">Numbers that were trained, the head's among them.</param>
/// <param name="Total">Numbers of encoder, head and added modules.</param>
/// <param name="Bytes">Of what the method adds or changes, as it is saved.</param>
/// <param name="TokensPerSecond">Trained on.</param>
internal sealed record TrainedModel(long Trainable, long Total, long Bytes, double TokensPerSecond)
{
    public static TrainedModel Of(ITransformer model, TextRow[] rows, double rowsPerSecond)
    {
        TrainedModel? trained = null;
        TextClassificationTransformer classifier = Parts(model).OfType<TextClassificationTransformer>().Single();
        classifier.Classifier.Use(inner =>
        {
            var text = (TextClassifier)inner;
            PeftAdapter adapter = text.Adapter;
            using var file = new MemoryStream();
            AdapterFiles.SaveWeights(adapter, file);
            trained = new TrainedModel(
                adapter.Trainable.Sum(p => p.Parameter.numel()),
                adapter.Model.parameters().Sum(p => p.numel()) + adapter.Own.Sum(p => p.Parameter.numel()),
                file.Length,
                rowsPerSecond * text.MeanLength([.. rows.Select(row => new TextInput(row.Text))]));
        });
        return trained!;
    }

    /// <summary>A chain may hold chains.</summary>
    private static IEnumerable<ITransformer> Parts(ITransformer model) => model is IEnumerable<ITransformer> chain ? chain.SelectMany(Parts) : [model];
}
