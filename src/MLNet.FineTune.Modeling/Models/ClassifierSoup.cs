using System.Text.Json.Nodes;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Prompting;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Models;

/// <summary>Averages what was trained of classifiers of one encoder and method (model soups, Wortsman et al. 2022, arXiv 2203.05482).</summary>
internal sealed class ClassifierSoup : IDisposable
{
    private readonly IReadOnlyList<Dictionary<string, Tensor>> _trained;
    private TextClassifier? _mixed;

    /// <param name="members">The classifiers, which stay as they are and the caller's; they are read until the soup is done.</param>
    /// <exception cref="ArgumentException">They differ in more than what was trained; names the first difference.</exception>
    public ClassifierSoup(IReadOnlyList<TextClassifier> members)
    {
        for (int i = 1; i < members.Count; i++)
            RequireAlike(members[0], members[i], i);
        _trained = [.. members.Select(member => member.Adapter.Trainable.ToDictionary(p => p.Name, p => (Tensor)p.Parameter))];
        _mixed = members[0].Copy();
    }

    /// <summary>A classifier with the mean of what some members trained; the same one each time, with other weights.</summary>
    /// <param name="ingredients">The members' numbers.</param>
    public TextClassifier Mix(IReadOnlyList<int> ingredients)
    {
        TextClassifier mixed = _mixed!;
        using IDisposable frozen = no_grad();
        foreach (AdapterParameter parameter in mixed.Adapter.Trainable)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor sum = zeros_like(parameter.Parameter, requires_grad: false);
            foreach (int member in ingredients)
                sum.Add_(_trained[member][parameter.Name].to(sum.device));
            parameter.Parameter.copy_(sum.Div(ingredients.Count));
        }
        mixed.Adapter.Model.WeightsChanged();
        return mixed;
    }

    /// <summary>Hands the classifier that was mixed last over.</summary>
    public TextClassifier Take()
    {
        TextClassifier mixed = _mixed!;
        _mixed = null;
        return mixed;
    }

    public void Dispose() => _mixed?.Dispose();

    private static void RequireAlike(TextClassifier first, TextClassifier other, int number)
    {
        TextClassifierSettings a = first.Settings, b = other.Settings;
        Same("methods", a.Method.ToJsonString(), b.Method.ToJsonString());
        Same("numbers of classes", a.ClassCount, b.ClassCount);
        Same("ways of pooling", a.Pooling, b.Pooling);
        Same("ways of reading pairs", a.SeparatePairs, b.SeparatePairs);
        Same("normalisations of embeddings", a.Normalize, b.Normalize);
        Same("prompts", PromptOf(a), PromptOf(b));
        Same("treatments of capital letters", a.LowerCase, b.LowerCase);
        if (a.EncoderSha256 is not null && b.EncoderSha256 is not null && !first.Adapter.Method.ReplacesBase)
            Same("encoders, by SHA-256", a.EncoderSha256, b.EncoderSha256);
        PeftAdapter one = first.Adapter, two = other.Adapter;
        if (!JsonNode.DeepEquals(one.Model.Encoder.Config.Source, two.Model.Encoder.Config.Source))
            throw Different(number, "encoders, by their configurations");
        if (!first.HasTokenizerOf(other))
            throw Different(number, "tokenizers");
        HashSet<string> trained = [.. one.TrainedBase.Select(p => p.Name)];
        Dictionary<string, Tensor> theirs = two.Model.named_parameters().ToDictionary(p => p.name, p => (Tensor)p.parameter);
        foreach (var (name, parameter) in one.Model.named_parameters())
            if (!trained.Contains(name) && !Equal(parameter, theirs[name]))
                throw Different(number, $"encoders: weights that were not trained are not the same in '{name}'");
        foreach (((string name, Tensor state), (string _, Tensor their)) in one.State.Zip(two.State))
            if (!Equal(state, their))
                throw Different(number, $"fixed parts of the method '{one.Method.MethodName}', which cannot be averaged, in '{name}'");
        if (!one.Placed.Select(placed => placed.Module.Notes).SequenceEqual(two.Placed.Select(placed => placed.Module.Notes)))
            throw Different(number, $"fixed parts of the method '{one.Method.MethodName}', which cannot be averaged");

        void Same<T>(string what, T found, T expected)
        {
            if (!EqualityComparer<T>.Default.Equals(found, expected))
                throw new ArgumentException($"Models 0 and {number} have different {what}: {found?.ToString() ?? "none"} and {expected?.ToString() ?? "none"}. Only models that differ in nothing but trained weights can be averaged.");
        }
    }

    private static ArgumentException Different(int number, string what) => new($"Models 0 and {number} have different {what}. Only models that differ in nothing but trained weights can be averaged.");

    private static bool Equal(Tensor first, Tensor second)
    {
        using DisposeScope scope = NewDisposeScope();
        return first.shape.SequenceEqual(second.shape) && first.eq(second.to(first.device)).all().item<bool>();
    }

    private static string? PromptOf(TextClassifierSettings settings) => settings.Prompt is null ? null : System.Text.Json.JsonSerializer.Serialize(settings.Prompt);
}
