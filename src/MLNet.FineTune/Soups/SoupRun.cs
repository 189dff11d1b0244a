using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;
using MLNet.FineTune.Trainers;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Soups;

/// <summary>Averages fitted classifiers.</summary>
internal static class SoupRun
{
    /// <summary>The mean of all models.</summary>
    public static T Uniform<T>(IHost host, IReadOnlyList<T> models) where T : TextClassificationTransformer => Over(models, soup =>
    {
        host.CheckAlive();
        soup.Mix([.. Enumerable.Range(0, models.Count)]);
        return (T)models[0].With(soup.Take());
    });

    /// <summary>The mean of those models that make it better, tried from the best one on.</summary>
    public static GreedySoup<T> Greedy<T>(IHost host, IReadOnlyList<T> models, IDataView validationSet, string labelColumnName, ValidationMetric metric) where T : TextClassificationTransformer => Over(models, soup =>
    {
        TextClassificationTransformer first = models[0];
        var columns = new TrainingColumns(labelColumnName, first.Columns.Sentence1, first.Columns.Sentence2);
        columns.Check();
        TrainingSet set = TrainingSet.ReadBeside(
            host, validationSet, columns, first.Labels.KeyType is null ? ClassificationTask.Binary : ClassificationTask.Multiclass, first.Labels, "models", "validation set", nameof(validationSet));
        double[] alone = [.. Enumerable.Range(0, models.Count).Select(member => Measure([member]))];
        int[] order = [.. Enumerable.Range(0, models.Count).OrderByDescending(member => Goodness(alone[member]))];
        List<int> ingredients = [order[0]];
        double best = alone[order[0]];
        foreach (int member in order.Skip(1))
        {
            double with = Measure([.. ingredients, member]);
            if (!(Goodness(with) >= Goodness(best)))
                continue;
            ingredients.Add(member);
            best = with;
        }
        soup.Mix(ingredients);
        return new GreedySoup<T>((T)first.With(soup.Take()), ingredients, best, alone);

        double Measure(IReadOnlyList<int> chosen)
        {
            var scores = new float[set.Count * first.Labels.Count];
            soup.Mix(chosen).Score(set.Inputs, scores, host.CheckAlive);
            return ClassificationMetrics.Compute(metric, scores, set.Labels, first.Labels.Count);
        }

        double Goodness(double value) => double.IsNaN(value) ? double.NegativeInfinity : ClassificationMetrics.HigherIsBetter(metric) ? value : -value;
    });

    private static TResult Over<T, TResult>(IReadOnlyList<T> models, Func<ClassifierSoup, TResult> make) where T : TextClassificationTransformer
    {
        if (models.Count == 0)
            throw new ArgumentException("No model is given; expected at least one.", nameof(models));
        for (int i = 0; i < models.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(models[i], nameof(models));
            if (models[i].Rule is not null)
                throw new ArgumentException($"Model {i} gives a text several labels or none; expected models that give it one.", nameof(models));
            if (models[i].GetType() != models[0].GetType() || !models[i].Labels.SameAs(models[0].Labels))
                throw new ArgumentException($"Models 0 and {i} have different classes: {string.Join(", ", models[0].ClassNames)}; {string.Join(", ", models[i].ClassNames)}.", nameof(models));
        }
        return Use(0, []);

        // None may be disposed meanwhile.
        TResult Use(int next, TextClassifier[] members)
        {
            if (next == models.Count)
            {
                using var soup = new ClassifierSoup(members);
                return make(soup);
            }
            return models[next].Inspect(classifier => Use(next + 1, [.. members, classifier]));
        }
    }
}
