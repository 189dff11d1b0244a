using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Training;

/// <summary>A weighted mean of the values that parameters had over time: one further copy of them, beside them on their device.</summary>
internal sealed class RunningAverage : IDisposable
{
    private const string CountEntry = "count";

    private readonly Dictionary<string, Tensor> _values = [];

    /// <summary>How many values went in.</summary>
    public int Count { get; private set; }

    /// <summary>Moves the mean towards the parameters' present values.</summary>
    /// <param name="parameters">The parameters, always the same ones.</param>
    /// <param name="share">The share of the present values in the new mean; the first ones are all of it.</param>
    public void Add(IEnumerable<NamedParameter> parameters, double share)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach ((string name, var parameter) in parameters)
            if (!_values.TryGetValue(name, out Tensor? value))
                _values.Add(name, parameter.detach().clone().DetachFromDisposeScope());
            else if (Count == 0)
                value.copy_(parameter);
            else
                value.Mul_(1 - share).Add_(parameter, share);
        Count++;
    }

    /// <summary>Forgets the values of all parameters, so that the next ones are all of the mean.</summary>
    public void Restart() => Count = 0;

    /// <summary>Lets the mean of some parameters be their present values.</summary>
    public void Restart(IEnumerable<NamedParameter> parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach ((string name, var parameter) in parameters)
            if (_values.TryGetValue(name, out Tensor? value))
                value.copy_(parameter);
    }

    /// <summary>Exchanges the parameters' values with their means; does nothing while there are none.</summary>
    public void Exchange(IEnumerable<NamedParameter> parameters)
    {
        if (Count == 0)
            return;
        using IDisposable frozen = no_grad();
        foreach ((string name, var parameter) in parameters)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor present = parameter.detach().clone();
            parameter.copy_(_values[name]);
            _values[name].copy_(present);
        }
    }

    /// <summary>Moves the parameters towards their means; does nothing while there are none.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="share">The share of the means in what they come to.</param>
    public void BlendInto(IEnumerable<NamedParameter> parameters, double share)
    {
        if (Count == 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach ((string name, var parameter) in parameters)
            parameter.Mul_(1 - share).Add_(_values[name], share);
    }

    /// <summary>Gives the parameters their means; does nothing while there are none.</summary>
    public void CopyTo(IEnumerable<NamedParameter> parameters)
    {
        if (Count == 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        foreach ((string name, var parameter) in parameters)
            parameter.copy_(_values[name]);
    }

    public void Save(StateBag state)
    {
        state.Values.Add(CountEntry, Count.ToString(CultureInfo.InvariantCulture));
        foreach ((string name, Tensor value) in Count == 0 ? [] : _values)
            state.Tensors.Add(name, value);
    }

    /// <exception cref="InvalidDataException">The count is missing.</exception>
    public void Load(StateBag state, IEnumerable<NamedParameter> parameters)
    {
        Dispose();
        Count = int.Parse(state.Value(CountEntry), CultureInfo.InvariantCulture);
        foreach ((string name, var parameter) in Count == 0 ? [] : parameters)
            _values.Add(name, state.Tensor(name).to(parameter.device, copy: true).DetachFromDisposeScope());
    }

    public void Dispose()
    {
        foreach (Tensor value in _values.Values)
            value.Dispose();
        _values.Clear();
    }
}
