using Microsoft.ML.SearchSpace;
using Microsoft.ML.SearchSpace.Option;
using MLNet.FineTune.Search;
using AutoMLSpace = Microsoft.ML.SearchSpace.SearchSpace;

namespace MLNet.FineTune.AutoML;

/// <summary>
/// A search space of AutoML as one of ours: nested options by dotted names, and the options of a pipeline's estimator only where the
/// pipeline that is tried has the estimator.
/// </summary>
internal sealed class MappedSpace
{
    /// <summary>The option by which a sweepable pipeline says which of its estimators are tried, such as <c>e0 * e2</c>; theirs are beside it under their names.</summary>
    private const string Schema = "_SCHEMA_";

    private readonly AutoMLSpace _root;
    private readonly List<Leaf> _leaves = [];

    /// <exception cref="ArgumentException">An option is of an unknown kind, or there is none to choose.</exception>
    public MappedSpace(AutoMLSpace root)
    {
        _root = root;
        var builder = new ParameterSpaceBuilder();
        Add(root, [], builder);
        Space = builder.Build();
    }

    public ParameterSpace Space { get; }

    /// <summary>A point for AutoML, with all that does not vary.</summary>
    public Parameter Write(IReadOnlyDictionary<string, object> point)
    {
        Parameter parameter = _root.SampleFromFeatureSpace(_root.Default);
        foreach (Leaf leaf in _leaves)
            if (point.TryGetValue(leaf.Name, out object? value))
                Within(parameter, leaf)[leaf.Path[^1]] = leaf.Option.Write(value);
        return parameter;
    }

    /// <summary>A point that AutoML has.</summary>
    /// <exception cref="ArgumentException">It is none of the space's.</exception>
    public IReadOnlyDictionary<string, object> Read(Parameter parameter)
    {
        var point = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (Leaf leaf in _leaves)
            if (Find(parameter, leaf) is { } value)
                point[leaf.Name] = leaf.Option.Read(value);
        return Space.ToParameters(Space.ToUnits(point));
    }

    private static Parameter Within(Parameter parameter, Leaf leaf) => leaf.Path[..^1].Aggregate(parameter, (nested, key) => nested[key]);

    private static Parameter? Find(Parameter parameter, Leaf leaf)
    {
        Parameter? found = parameter;
        foreach (string key in leaf.Path)
            if (found is null || !found.TryGetValue(key, out found))
                return null;
        return found;
    }

    private void Add(IDictionary<string, OptionBase> options, string[] path, ParameterSpaceBuilder builder)
    {
        int first = _leaves.Count;
        // What others depend on comes before them.
        foreach (string key in options.Keys.OrderBy(key => key != Schema).ThenBy(key => key, StringComparer.Ordinal))
        {
            string[] within = [.. path, key];
            if (options[key] is PeftOptionSpace peft)
                AddPeft(peft, within, builder);
            else if (options[key] is IDictionary<string, OptionBase> nested)
                Add(nested, within, builder);
            else if (CodedOption.Of(string.Join('.', within), options[key]) is { } option)
                Add(new Leaf(within, option, IsConditional: false), builder);
        }
        if (_leaves.Skip(first).FirstOrDefault() is { } schema && schema.Path.Length == path.Length + 1 && schema.Path[^1] == Schema)
            AddConditions(schema, [.. _leaves.Skip(first + 1)], builder);
    }

    private void AddPeft(PeftOptionSpace space, string[] path, ParameterSpaceBuilder builder)
    {
        foreach ((int index, Dimension dimension) in space.Parameters.Dimensions.Index())
        {
            string[] within = [.. path, dimension.Name];
            if (CodedOption.Of(string.Join('.', within), space[dimension.Name], dimension.Ordered) is { } option)
                Add(new Leaf(within, option, space.Parameters.IsConditional(index)), builder);
        }
        builder.AddRules(space.Parameters, string.Join('.', path) + ".");
    }

    private void Add(Leaf leaf, ParameterSpaceBuilder builder)
    {
        _leaves.Add(leaf);
        builder.Add(leaf.Option.Dimension);
    }

    /// <summary>Lets the options of an estimator count only in the pipelines that have it. Options that depend on others of theirs do so already.</summary>
    private static void AddConditions(Leaf schema, Leaf[] leaves, ParameterSpaceBuilder builder)
    {
        string[] pipelines = [.. schema.Option.Dimension.Spread(int.MaxValue).Select(schema.Option.Dimension.ValueAt).OfType<string>()];
        foreach (Leaf leaf in leaves.Where(leaf => !leaf.IsConditional))
        {
            string estimator = leaf.Path[schema.Path.Length - 1];
            object[] with = [.. pipelines.Where(pipeline => pipeline.Split([' ', '*', '+', '(', ')'], StringSplitOptions.RemoveEmptyEntries).Contains(estimator))];
            if (with.Length > 0 && with.Length < pipelines.Length)
                builder.When(leaf.Name, schema.Name, with);
        }
    }

    /// <summary>An option that can be chosen.</summary>
    /// <param name="Path">The keys to it.</param>
    /// <param name="Option">The option.</param>
    /// <param name="IsConditional">Whether it depends on another of its space.</param>
    private sealed record Leaf(string[] Path, CodedOption Option, bool IsConditional)
    {
        public string Name => Option.Dimension.Name;
    }
}
