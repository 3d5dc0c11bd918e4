/* The map of the communes: circles drawn from the data in the page, nothing fetched.
   A classic script, since a page opened from a disk may not load modules. */
(function () {
  "use strict";

  var LARGEST_RADIUS_PX = 34;
  var LARGEST_SHARE_OF_WIDTH = 0.07;
  var DIRECTIONS = ["right", "left", "top", "bottom"];
  var SMALLEST_RADIUS_PX = 5;
  // The same four levels as the legend and the sheet: places offered for each person.
  var LEVELS = [
    { below: 0.25, fill: "#8c2d04", stroke: "#5c1d02" },
    { below: 0.5, fill: "#d9822b", stroke: "#8a4b0c" },
    { below: 1, fill: "#7fb8ad", stroke: "#2f6f65" },
    { below: Infinity, fill: "#0d4f4a", stroke: "#06302d" },
  ];
  var numbers = new Intl.NumberFormat("fr-FR");

  function says(value) {
    return value === null ? "masqué" : numbers.format(value);
  }

  function looks(commune, scale) {
    if (commune.patients === null) {
      return { radius: 7, color: "#6b7280", weight: 1.5, dashArray: "3 3", fill: false };
    }
    var share = commune.places_open / commune.patients;
    var level = LEVELS.find(function (one) { return share < one.below; });
    return {
      radius: Math.max(SMALLEST_RADIUS_PX, scale.radius * Math.sqrt(commune.patients / scale.patients)),
      color: level.stroke,
      weight: 1.5,
      fillColor: level.fill,
      fillOpacity: 0.9,
    };
  }

  function details(commune) {
    var box = document.createElement("div");
    var lines = [
      commune.name,
      "Sans médecin traitant : " + says(commune.patients),
      "Un médecin est proposé à : " + says(commune.proposed),
      "Places offertes : " + numbers.format(commune.places_open),
    ];
    lines.forEach(function (line, index) {
      var row = document.createElement(index === 0 ? "strong" : "div");
      row.textContent = line;
      box.appendChild(row);
    });
    return box;
  }

  function overlaps(one, other) {
    return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  }

  function settle(name, direction) {
    var reach = name.circle.options.radius + 2;
    var shifts = { right: [reach, 0], left: [-reach, 0], top: [0, -reach], bottom: [0, reach] };
    name.label.options.direction = direction;
    name.label.options.offset = L.point(shifts[direction]);
    name.label.update();
    return name.label.getElement().getBoundingClientRect();
  }

  /* A name goes beside its circle where it covers no other name or circle, and is left out when
     there is no such place until one zooms in; large communes choose first. */
  function makeRoom(names, holder) {
    var frame = holder.getBoundingClientRect();
    var taken = names.map(function (name) { return name.circle.getElement().getBoundingClientRect(); });
    holder.querySelectorAll(".leaflet-control").forEach(function (control) {
      taken.push(control.getBoundingClientRect());
    });
    names.forEach(function (name, own) {
      var others = taken.filter(function (_, index) { return index !== own; });
      var found = DIRECTIONS.some(function (direction) {
        var box = settle(name, direction);
        var inside = box.left >= frame.left && box.right <= frame.right;
        var free = inside && !others.some(function (other) { return overlaps(box, other); });
        if (free) { taken.push(box); }
        return free;
      });
      name.label.getElement().style.visibility = found ? "visible" : "hidden";
    });
  }

  function linkToRow(circle, code) {
    var row = document.getElementById("commune-" + code);
    if (!row) { return; }
    circle.on("mouseover", function () { row.classList.add("lit"); });
    circle.on("mouseout", function () { row.classList.remove("lit"); });
    circle.on("click", function () { row.scrollIntoView({ block: "nearest" }); });
    row.addEventListener("mouseenter", function () { circle.setStyle({ weight: 4 }); });
    row.addEventListener("mouseleave", function () { circle.setStyle({ weight: 1.5 }); });
  }

  function drawCommune(feature, map, scale) {
    var place = [feature.geometry.coordinates[1], feature.geometry.coordinates[0]];
    var commune = feature.properties;
    var circle = L.circleMarker(place, looks(commune, scale)).addTo(map);
    circle.bindTooltip(details(commune), { className: "commune-details", sticky: true });
    linkToRow(circle, commune.code_insee);
    var label = document.createElement("span");
    label.textContent = commune.name;
    var tooltip = L.tooltip(place, { content: label, permanent: true, className: "commune-name" });
    return { circle: circle, label: tooltip.addTo(map) };
  }

  function draw(holder, features) {
    var map = L.map(holder, {
      attributionControl: false,
      scrollWheelZoom: false,
      zoomControl: false,
      zoomSnap: 0.25,
      zoomAnimation: false,
      fadeAnimation: false,
    });
    L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    map.fitBounds(L.geoJSON(features).getBounds(), { padding: [45, 40] });
    var ordered = features.slice().sort(function (one, other) {
      return (other.properties.patients || 0) - (one.properties.patients || 0);
    });
    var scale = {
      patients: Math.max(1, ordered[0].properties.patients || 1),
      radius: Math.min(LARGEST_RADIUS_PX, LARGEST_SHARE_OF_WIDTH * holder.clientWidth),
    };
    var names = ordered.map(function (feature) { return drawCommune(feature, map, scale); });
    function arrange() { makeRoom(names, holder); }
    map.on("zoomend resize", arrange);
    arrange();
  }

  var holder = document.getElementById("carte");
  var features = JSON.parse(document.getElementById("carte-donnees").textContent).features;
  if (features.length > 0) {
    document.documentElement.classList.add("with-map");
    draw(holder, features);
  }
})();
