using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Soups;

/// <summary>Averages fitted models.</summary>
internal static class SoupRun
{
    /// <summary>The mean of all models.</summary>
    public static T Uniform<T>(IHost host, IReadOnlyList<T> models) where T : FineTunedTextTransformer => Over(models, soup =>
    {
        host.CheckAlive();
        soup.Mix([.. Enumerable.Range(0, models.Count)]);
        return (T)models[0].With(soup.Take());
    });

    /// <summary>The mean of those models that make it better, tried from the best one on.</summary>
    public static GreedySoup<T> Greedy<T>(IHost host, IReadOnlyList<T> models, IDataView validationSet, string labelColumnName, ValidationMetric? metric) where T : FineTunedTextTransformer => Over(models, soup =>
    {
        var validation = new SoupValidation(host, models[0], validationSet, labelColumnName, metric, nameof(validationSet));
        double[] alone = [.. Enumerable.Range(0, models.Count).Select(member => Measure([member]))];
        int[] order = [.. Enumerable.Range(0, models.Count).OrderByDescending(member => validation.Goodness(alone[member]))];
        List<int> ingredients = [order[0]];
        double best = alone[order[0]];
        foreach (int member in order.Skip(1))
        {
            double with = Measure([.. ingredients, member]);
            if (!(validation.Goodness(with) >= validation.Goodness(best)))
                continue;
            ingredients.Add(member);
            best = with;
        }
        soup.Mix(ingredients);
        return new GreedySoup<T>((T)models[0].With(soup.Take()), ingredients, best, alone);

        double Measure(IReadOnlyList<int> chosen) => validation.Measure(soup.Mix(chosen));
    });

    private static TResult Over<T, TResult>(IReadOnlyList<T> models, Func<ClassifierSoup, TResult> make) where T : FineTunedTextTransformer
    {
        if (models.Count == 0)
            throw new ArgumentException("No model is given; expected at least one.", nameof(models));
        for (int i = 0; i < models.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(models[i], nameof(models));
            if (models[i].Rule is not null)
                throw new ArgumentException($"Model {i} gives a text several labels or none; expected models that give it one.", nameof(models));
            if (models[i].GetType() != models[0].GetType())
                throw new ArgumentException($"Models 0 and {i} are of different types: {models[0].GetType().Name}; {models[i].GetType().Name}.", nameof(models));
            if (!models[i].Labels.SameAs(models[0].Labels))
                throw new ArgumentException($"Models 0 and {i} have different classes: {string.Join(", ", models[0].Labels.Names)}; {string.Join(", ", models[i].Labels.Names)}.", nameof(models));
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
