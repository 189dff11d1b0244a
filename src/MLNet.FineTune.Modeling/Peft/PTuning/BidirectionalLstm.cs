using MLNet.FineTune.Encoders;
using TorchSharp;
using Parameter = TorchSharp.Modules.Parameter;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997) over one sequence, forwards and backwards, with PyTorch's gates and names.</summary>
internal sealed class BidirectionalLstm : Part
{
    private readonly int _hidden;
    private readonly double _dropout;
    private readonly List<Direction> _directions = [];

    /// <param name="inputs">Width of the sequence.</param>
    /// <param name="hidden">Width of the state of each direction.</param>
    /// <param name="layers">How many layers; from the second on they take both directions of the one below.</param>
    /// <param name="dropout">Probability of dropout between layers, while training.</param>
    /// <param name="device">Where the parameters are created.</param>
    public BidirectionalLstm(int inputs, int hidden, int layers, double dropout, Device device) : base(nameof(BidirectionalLstm))
    {
        (_hidden, _dropout) = (hidden, dropout);
        for (int layer = 0; layer < layers; layer++)
            foreach (string suffix in (string[])["", "_reverse"])
                _directions.Add(new Direction(
                    Create($"weight_ih_l{layer}{suffix}", 4 * hidden, layer == 0 ? inputs : 2 * hidden), Create($"weight_hh_l{layer}{suffix}", 4 * hidden, hidden),
                    Create($"bias_ih_l{layer}{suffix}", 4 * hidden), Create($"bias_hh_l{layer}{suffix}", 4 * hidden)));

        Parameter Create(string name, params long[] shape)
        {
            double bound = 1 / Math.Sqrt(hidden);
            var parameter = new Parameter(empty(shape, device: device).uniform_(-bound, bound));
            Register(name, parameter);
            return parameter;
        }
    }

    /// <param name="sequence">[length, inputs].</param>
    /// <returns>[length, 2 · hidden].</returns>
    public Tensor Forward(Tensor sequence)
    {
        for (int i = 0; i < _directions.Count; i += 2)
        {
            if (i > 0 && training)
                sequence = Dropout.Apply(sequence, _dropout);
            sequence = cat([Run(_directions[i], sequence, backwards: false), Run(_directions[i + 1], sequence, backwards: true)], 1);
        }
        return sequence;
    }

    private Tensor Run(Direction direction, Tensor sequence, bool backwards)
    {
        long length = sequence.size(0);
        Tensor inputs = nn.functional.linear(sequence, direction.InputWeight, direction.InputBias.Add(direction.StateBias)); // [length, 4 hidden]
        Tensor state = zeros(1, _hidden, device: sequence.device), cell = zeros(1, _hidden, device: sequence.device);
        var states = new Tensor[length];
        for (long step = 0; step < length; step++)
        {
            long at = backwards ? length - 1 - step : step;
            Tensor[] gates = inputs.narrow(0, at, 1).Add(state.matmul(direction.StateWeight.t())).chunk(4, 1); // input, forget, cell, output
            cell = (gates[1].sigmoid() * cell).Add(gates[0].sigmoid() * gates[2].tanh());
            state = gates[3].sigmoid() * cell.tanh();
            states[at] = state;
        }
        return cat(states, 0);
    }

    private sealed record Direction(Parameter InputWeight, Parameter StateWeight, Parameter InputBias, Parameter StateBias);
}
