using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Tests.Fakes;

/// <summary>A trainer as the library's are made: checks the schema, reads a <see cref="TrainingSet"/>, gives a transformer. It learns smoothed word frequencies.</summary>
internal sealed class BagOfWordsTrainer(IHostEnvironment environment, ClassificationTask task, TrainingColumns columns, ScoringColumns? outputs = null, int batchSize = 4)
    : IEstimator<TextClassificationTransformer>
{
    private readonly ScoringColumns _outputs = outputs ?? new ScoringColumns(columns.Sentence1, columns.Sentence2);

    public TrainingSet? LastSet { get; private set; }

    public TextClassificationTransformer Fit(IDataView input)
    {
        TrainingSet set = TrainingSet.Read(environment.Register(nameof(BagOfWordsTrainer)), input, columns, task);
        LastSet = set;
        var classifier = new BagOfWordsClassifier(set.Classes.Count, Learn(set), batchSize);
        return task == ClassificationTask.Multiclass
            ? new MulticlassTextClassificationTransformer(environment, classifier, set.Classes, _outputs)
            : new BinaryTextClassificationTransformer(environment, classifier, _outputs);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema) => TextClassificationSchema.GetOutputShape(inputSchema, columns, _outputs, task);

    private static float[] Learn(TrainingSet set)
    {
        int classes = set.Classes.Count;
        double[] counts = new double[BagOfWordsClassifier.Buckets * classes];
        Array.Fill(counts, 0.1);
        for (int i = 0; i < set.Count; i++)
            foreach (string word in Words(set.Inputs[i]))
                counts[BagOfWordsClassifier.Bucket(word) * classes + set.Labels[i]] += set.Weights?[i] ?? 1;
        double[] totals = [.. Enumerable.Range(0, classes).Select(c => counts.Where((_, i) => i % classes == c).Sum())];
        return [.. counts.Select((count, i) => (float)Math.Log(count / totals[i % classes]))];
    }

    private static IEnumerable<string> Words(TextInput input) =>
        input.Text.Split(' ').Concat((input.Pair ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => "pair:" + word)).Where(word => word.Length > 0);
}
