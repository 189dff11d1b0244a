using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>A parameter by our name, with the physical layer it belongs to where it is inside one, and the site where a method added it.</summary>
internal readonly record struct AdapterParameter(string Name, Parameter Parameter, int? Layer, string? Site = null);

/// <summary>A method applied to a model: the modules it placed and the base parameters it trains. Several can be on one model; disposing takes one off.</summary>
/// <remarks>Where two that are on at once train the same parameters of the model (the head's, for instance), the later must be switched off first.</remarks>
internal sealed class PeftAdapter : IDisposable
{
    /// <summary>How the names of the tensors of the dense layer between encoder and classifier begin.</summary>
    public const string HeadDense = "head.dense.";

    private readonly IReadOnlyList<PlacedAdapter> _placed;
    private readonly Dictionary<string, Tensor> _other = [];
    private bool _active = true;
    private bool _disposed;

    private PeftAdapter(TaskModel model, PeftMethod method, PeftContext context, bool trainHeadDense)
    {
        (Model, Method, _placed) = (model, method, context.Placed);
        Own = [.. from placed in _placed
                  from parameter in placed.Adapter.named_parameters()
                  select new AdapterParameter($"{placed.Path}.{parameter.name}", parameter.parameter, placed.Linear.Layer, placed.Path)];
        var adapted = _placed.Select(placed => placed.Path + ".").ToArray();
        TrainedBase = [.. from parameter in model.named_parameters()
                          where context.Trained.Contains(parameter.name)
                             || (parameter.name.StartsWith("head.", StringComparison.Ordinal) && (trainHeadDense || !parameter.name.StartsWith(HeadDense, StringComparison.Ordinal))
                                 && !adapted.Any(path => parameter.name.StartsWith(path, StringComparison.Ordinal)))
                          select new AdapterParameter(parameter.name, parameter.parameter, LayerOf(parameter.name))];
    }

    public TaskModel Model { get; }
    public PeftMethod Method { get; }

    /// <summary>Parameters the method added.</summary>
    public IReadOnlyList<AdapterParameter> Own { get; }

    /// <summary>The model's own parameters that train; the head's among them, except where an adapter sits on it.</summary>
    public IReadOnlyList<AdapterParameter> TrainedBase { get; }

    /// <summary>All that trains.</summary>
    public IEnumerable<AdapterParameter> Trainable => Own.Concat(TrainedBase);

    /// <summary>The adapters placed at linear projections.</summary>
    public IReadOnlyList<PlacedAdapter> Placed => _placed;

    /// <summary>Whether the adapter's effect is inside the base weights now.</summary>
    public bool Merged { get; private set; }

    /// <summary>Applies a method: freezes the model but for the head, places the method's modules, frees what it trains.</summary>
    /// <param name="model">The model.</param>
    /// <param name="method">The method.</param>
    /// <param name="trainHeadDense">Whether the dense layer of the head trains, as the rest of the head always does.</param>
    /// <exception cref="ArgumentException">An option of the method is out of range, or no projection is its target.</exception>
    public static PeftAdapter Attach(TaskModel model, PeftMethod method, bool trainHeadDense = true)
    {
        method.Validate();
        var context = new PeftContext(model);
        try
        {
            method.Apply(context);
        }
        catch
        {
            foreach (PlacedAdapter placed in context.Placed)
                placed.Adapter.Dispose();
            throw;
        }
        var adapter = new PeftAdapter(model, method, context, trainHeadDense);
        foreach (PlacedAdapter placed in adapter._placed)
            placed.Linear.Place(placed.Adapter);
        adapter.Train(model.training);
        adapter.SelectTrainable();
        if (!method.ReplacesBase)
            adapter.KeepBase();
        return adapter;
    }

    private void KeepBase()
    {
        using var scope = NewDisposeScope();
        foreach (AdapterParameter parameter in TrainedBase)
            _other[parameter.Name] = parameter.Parameter.detach().clone().DetachFromDisposeScope();
    }

    /// <summary>Lets exactly this adapter's parameters have gradients, among the model's and its own.</summary>
    public void SelectTrainable()
    {
        foreach (Parameter parameter in Model.parameters())
            parameter.requires_grad = false;
        foreach (AdapterParameter parameter in Trainable)
            parameter.Parameter.requires_grad = true;
        Model.WeightsChanged();
    }

    /// <summary>Stops all gradients; scoring then keeps what can be kept.</summary>
    public void Freeze()
    {
        foreach (AdapterParameter parameter in Trainable)
            parameter.Parameter.requires_grad = false;
        Model.WeightsChanged();
    }

    /// <summary>Training or scoring behaviour of the placed modules.</summary>
    public void Train(bool on)
    {
        foreach (PlacedAdapter placed in _placed)
            placed.Adapter.train(on);
    }

    /// <summary>Whether the adapter takes part. Off, the model computes what it computed before the adapter was attached.</summary>
    /// <exception cref="InvalidOperationException">The adapter is merged.</exception>
    public bool Active
    {
        get => _active;
        set
        {
            if (value == _active)
                return;
            if (Merged)
                throw new InvalidOperationException("The adapter is merged into the base weights; unmerge it before switching it.");
            if (Method.ReplacesBase)
                throw new InvalidOperationException($"'{Method.MethodName}' trains the base weights themselves; there is no base left to switch to.");
            _active = value;
            foreach (PlacedAdapter placed in _placed)
                placed.Adapter.Active = value;
            SwapBase();
        }
    }

    /// <summary>Adds the adapter's effect to the base weights, so that scoring costs what the base costs.</summary>
    /// <exception cref="NotSupportedException">The method's effect is no change of weights.</exception>
    /// <exception cref="InvalidOperationException">The adapter is switched off.</exception>
    public void Merge() => ChangeWeights(+1);

    /// <summary>Takes the effect out of the base weights again, which then are the base's but for rounding.</summary>
    public void Unmerge() => ChangeWeights(-1);

    private void ChangeWeights(int sign)
    {
        if (Merged == sign > 0)
            return;
        if (!_active)
            throw new InvalidOperationException("The adapter is switched off; switch it on before merging it.");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var deltas = _placed.Select(placed => placed.Adapter.WeightDelta()
            ?? throw new NotSupportedException($"'{Method.MethodName}' cannot be merged: its effect at {placed.Path} is no change of the weight.")).ToList();
        foreach (var (placed, delta) in _placed.Zip(deltas))
        {
            placed.Linear.Weight.add_(delta, alpha: sign);
            placed.Linear.WeightsChanged();
            placed.Adapter.Active = sign < 0;
        }
        Merged = sign > 0;
    }

    /// <summary>Exchanges the trained base parameters with the values kept from the other state.</summary>
    private void SwapBase()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        foreach (AdapterParameter parameter in TrainedBase)
        {
            Tensor current = parameter.Parameter.detach().clone();
            parameter.Parameter.copy_(_other[parameter.Name]);
            _other[parameter.Name].copy_(current);
        }
        Model.WeightsChanged();
    }

    /// <summary>The number in <c>encoder.layers.N.</c>.</summary>
    private static int? LayerOf(string name)
    {
        const string prefix = "encoder.layers.";
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        int end = name.IndexOf('.', prefix.Length);
        return int.Parse(name.AsSpan(prefix.Length, end - prefix.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Takes the adapter off: the model computes again what it computed before, unless the method replaced its weights.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (Merged)
            Unmerge();
        if (!Method.ReplacesBase)
            Active = false;
        foreach (PlacedAdapter placed in _placed)
        {
            placed.Linear.Remove(placed.Adapter);
            placed.Adapter.Dispose();
        }
        foreach (Tensor tensor in _other.Values)
            tensor.Dispose();
    }
}
